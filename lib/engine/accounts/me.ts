import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { TwincoreError } from "@/lib/errors";
import { IDENTITY, toMe } from "./identity";
import type { Me } from "./schemas";

/** The account that asks. */
export async function getMe(ctx: EngineContext, _input: Record<string, never>): Promise<Me> {
  const { actor } = ctx;
  const account =
    actor.kind === "account"
      ? await ctx.db.prisma.account.findUnique({
          where: { id: actor.accountId },
          select: IDENTITY,
        })
      : null;
  if (!account) throw new TwincoreError("unauthenticated", "Sign in, or send a bearer token.");
  return toMe(account);
}
