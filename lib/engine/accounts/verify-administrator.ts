import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { TwincoreError } from "@/lib/errors";
import { type VerifyPasswordInput, verifyPassword } from "./verify-password";

/** The administrator whose name and password these are. Throws unauthenticated, too_many_requests, or forbidden for another role. */
export async function verifyAdministrator(
  ctx: EngineContext,
  input: VerifyPasswordInput,
): Promise<{ accountId: string; name: string }> {
  const { accountId, email, role, tenantIds } = await verifyPassword(ctx, input);
  if (role !== "administrator" || tenantIds !== null)
    throw new TwincoreError("forbidden", "Only an administrator of this whole core may ask for this.");
  return { accountId, name: email };
}
