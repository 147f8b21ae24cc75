import "server-only";
import type { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import { findTenantByName, getTenantName } from "@/lib/engine/tenants";
import { endVendorSignIn, exchangeVendorSignIn, openVendorSignIn } from "@/lib/engine/vendor-sign-ins";
import { invalidInput, TwincoreError } from "@/lib/errors";
import type { VendorCall } from "../../row";
import { toToken } from "../convert/token";
import { toVersion } from "../convert/version";
import type { CreateTokenInput } from "../schemas/identity";

/** As long as a token of this API lives. */
const LIFE_SECONDS = 24 * 3600;

type Auth = z.output<typeof CreateTokenInput>["body"]["auth"];

export async function createToken(ctx: EngineContext, { body }: z.output<typeof CreateTokenInput>, call: VendorCall) {
  const project = await scopeOf(ctx, body.auth);
  const { identity } = body.auth;
  const common = { door: "cbr", address: call.address, scope: project?.id } as const;
  const method = identity.methods.includes("password") && identity.password ? "password" : "token";
  const opened =
    method === "password"
      ? await openVendorSignIn(ctx, { ...common, ...nameAndPassword(identity), lifeSeconds: LIFE_SECONDS })
      : await exchangeVendorSignIn(ctx, { ...common, token: tokenOf(identity) });
  return {
    body: toToken(opened, { method, project, baseUrl: call.baseUrl }),
    headers: { "x-subject-token": opened.token },
  };
}

function nameAndPassword({ password }: Auth["identity"]): { email: string; password: string } {
  const user = password?.user;
  const email = user?.name ?? user?.id;
  if (!user || !email) throw invalidInput("Name the user, and give the password.");
  return { email, password: user.password };
}

function tokenOf({ methods, token }: Auth["identity"]): string {
  if (methods.includes("token") && token) return token.id;
  throw invalidInput("Sign in with the method password or token.");
}

/** The project that the token is for; null: all that the account may. A project that does not exist is nobody's scope. */
async function scopeOf(ctx: EngineContext, { scope }: Auth): Promise<{ id: string; name: string } | null> {
  const { id, name } = scope?.project ?? {};
  if (id === undefined && name === undefined) return null;
  const found = id === undefined ? await findTenantByName(ctx, { name: name ?? "" }) : await find(ctx, id);
  if (!found) throw new TwincoreError("unauthenticated", "There is no such user, password or project.");
  return found;
}

async function find(ctx: EngineContext, id: string): Promise<{ id: string; name: string } | null> {
  try {
    return await getTenantName(ctx, { id });
  } catch (error) {
    if (error instanceof TwincoreError && error.code === "not_found") return null;
    throw error;
  }
}

/** Ends the token that X-Subject-Token names. */
export async function deleteToken(ctx: EngineContext, _: unknown, { request }: VendorCall) {
  const token = request.headers.get("x-subject-token");
  if (!token) throw invalidInput("Name the token in the header X-Subject-Token.");
  await endVendorSignIn(ctx, { door: "cbr", token });
  return {};
}

export async function listVersions(_ctx: EngineContext, _: unknown, { baseUrl }: VendorCall) {
  return { body: { versions: [toVersion(baseUrl)] } };
}

export async function getVersion(_ctx: EngineContext, _: unknown, { baseUrl }: VendorCall) {
  return { body: { version: toVersion(baseUrl) } };
}
