import "server-only";
import { authenticateApiToken } from "@/lib/engine/accounts";
import type { Identified } from "@/lib/engine/accounts/identity";
import { type VerifyPasswordInput, verifyPassword } from "@/lib/engine/accounts/verify-password";
import type { EngineContext } from "@/lib/engine/context";

/**
 * The account that a client of another vendor's API names: its e-mail address with its password, or with an API token of it in the
 * password's place. Throttled as every sign-in. Throws unauthenticated, too_many_requests.
 */
export async function verifyVendorPassword(ctx: EngineContext, input: VerifyPasswordInput): Promise<Identified> {
  const byToken = await authenticateApiToken(ctx, { token: input.password });
  if (byToken?.account.email === input.email.trim().toLowerCase()) return byToken;
  const account = await verifyPassword(ctx, input);
  return { account, credential: { kind: "password", id: null, provenAt: ctx.now(), scopes: null } };
}
