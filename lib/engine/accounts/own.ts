import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { TwincoreError } from "@/lib/errors";

/** The account that asks, for what is about itself. Throws unauthenticated for others than accounts. */
export function ownAccountId(ctx: EngineContext): string {
  if (ctx.actor.kind !== "account") throw new TwincoreError("unauthenticated", "Only an account may do this.");
  return ctx.actor.accountId;
}
