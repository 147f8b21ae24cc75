import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { guard } from "./guard";
import { PROTECTED_SCOPE } from "./proof";

/** A token or key that may do protected things without anybody there is itself a protected thing to make. */
export async function guardProtectedScope(
  ctx: EngineContext,
  action: "api-token.create" | "access-key.create",
  input: { readonly name: string; readonly scopes?: readonly string[]; readonly expiresInDays?: number | null },
): Promise<void> {
  if (!input.scopes?.includes(PROTECTED_SCOPE) || ctx.actor.kind !== "account") return;
  const { name, scopes, expiresInDays } = input;
  await guard(ctx, {
    action,
    subject: { kind: "account", id: ctx.actor.accountId },
    title: `Make ${action === "api-token.create" ? "the API token" : "the access key"} "${name}" of ${ctx.actor.name}, which does protected actions without a proof.`,
    input: { name, scopes, expiresInDays },
    tenantId: null,
  });
}
