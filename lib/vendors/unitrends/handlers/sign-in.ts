import type { EngineContext } from "@/lib/engine/context";
import { endVendorSignIn, openVendorSignIn } from "@/lib/engine/vendor-sign-ins";
import type { VendorCall } from "../../row";
import { toDate } from "../convert/words";
import { tokenOf } from "../dialect";
import { done } from "../output";

/** A working day and a night; a script that signs in once a day keeps its token. */
const LIFE_SECONDS = 24 * 3600;
const IDLE_SECONDS = 2 * 3600;

export async function login(
  ctx: EngineContext,
  { username, password }: { username: string; password: string },
  { address }: VendorCall,
) {
  const opened = await openVendorSignIn(ctx, {
    door: "unitrends",
    email: username,
    password,
    address,
    lifeSeconds: LIFE_SECONDS,
    idleSeconds: IDLE_SECONDS,
  });
  const { email, role } = opened.account;
  const expires = toDate(opened.expiresAt.toISOString());
  return { body: { auth_token: opened.token, username: email, superuser: role === "administrator", expires } };
}

export async function logout(ctx: EngineContext, _: object, { request }: VendorCall) {
  await endVendorSignIn(ctx, { door: "unitrends", token: tokenOf(request) });
  return { body: done() };
}
