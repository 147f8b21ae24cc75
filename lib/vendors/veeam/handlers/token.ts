import "server-only";
import type { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import { openVendorSignIn, renewVendorSignIn } from "@/lib/engine/vendor-sign-ins";
import { invalidInput } from "@/lib/errors";
import type { VendorCall } from "../../row";
import { toTokenAnswer } from "../convert/token";
import type { TokenInput } from "../schemas";

const LIFE_SECONDS = 3600;
const RENEWABLE_SECONDS = 14 * 24 * 3600;
const life = { door: "veeam", lifeSeconds: LIFE_SECONDS, second: { renewableSeconds: RENEWABLE_SECONDS } } as const;

/** A sign-in by password, or a new token for a refresh token. What a grant does not need is passed over: clients send stray fields. */
export async function createToken(ctx: EngineContext, { body }: z.output<typeof TokenInput>, { address }: VendorCall) {
  const { grant_type, username, password, refresh_token } = body;
  if (grant_type === "password") {
    if (!username || !password) throw invalidInput("Give the username and the password.");
    return { body: toTokenAnswer(await openVendorSignIn(ctx, { ...life, email: username, password, address })) };
  }
  if (grant_type === "refresh_token") {
    if (!refresh_token) throw invalidInput("Give the refresh_token.");
    return { body: toTokenAnswer(await renewVendorSignIn(ctx, { ...life, refreshToken: refresh_token, address })) };
  }
  throw invalidInput("The grant_type must be password or refresh_token.", "grant");
}
