import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { TwincoreError } from "@/lib/errors";
import { authenticateApiToken } from "./api-tokens";
import type { Me } from "./schemas";
import { holdsScope, type Scope } from "./scopes";
import { type VerifyPasswordInput, verifyPassword } from "./verify-password";

/** A token that shall pair at once stands for a password that was just given. */
const SCOPES: readonly Scope[] = ["pairing:write", "protected"];

/**
 * The administrator whose name and password these are, or whose API token for protected actions of pairing stands in the password's place:
 * who has a second factor cannot give a code here. Throws unauthenticated, too_many_requests, or forbidden for another role or token.
 */
export async function verifyAdministrator(
  ctx: EngineContext,
  input: VerifyPasswordInput,
): Promise<{ accountId: string; name: string }> {
  const { accountId, email, role, tenantIds } = (await findByToken(ctx, input)) ?? (await verifyPassword(ctx, input));
  if (role !== "administrator" || tenantIds !== null)
    throw new TwincoreError("forbidden", "Only an administrator of this whole core may ask for this.");
  return { accountId, name: email };
}

async function findByToken(ctx: EngineContext, { email, password }: VerifyPasswordInput): Promise<Me | null> {
  const found = await authenticateApiToken(ctx, { token: password });
  if (found?.account.email !== email.trim().toLowerCase()) return null;
  if (!SCOPES.every((scope) => holdsScope(found.credential.scopes, scope)))
    throw new TwincoreError("forbidden", `This token may not pair: it takes the scopes ${SCOPES.join(" and ")}.`);
  return found.account;
}
