import "server-only";
import { authenticateApiToken } from "@/lib/engine/accounts";
import type { Me } from "@/lib/engine/accounts/schemas";
import { type VerifyPasswordInput, verifyPassword } from "@/lib/engine/accounts/verify-password";
import type { EngineContext } from "@/lib/engine/context";

/**
 * The account that a client of another vendor's API names: its e-mail address with its password, or with an API token of it in the
 * password's place. Throttled as every sign-in. Throws unauthenticated, too_many_requests.
 */
export async function verifyVendorPassword(ctx: EngineContext, input: VerifyPasswordInput): Promise<Me> {
  const byToken = await authenticateApiToken(ctx, { token: input.password });
  if (byToken && byToken.email === input.email.trim().toLowerCase()) return byToken;
  const { id, name, email, role } = await verifyPassword(ctx, input);
  return { accountId: id, name, email, role };
}
