import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { loadAuthority, sha256, toFingerprint } from "@/lib/engine/trust";
import { TwincoreError } from "@/lib/errors";
import type { CoreSummary } from "./schemas";
import { VERSION } from "./version";

/** This core for anyone who opens its page. Throws unavailable before its first start. */
export async function getCoreSummary(ctx: EngineContext, _input: Record<string, never>): Promise<CoreSummary> {
  const [core, account, authority] = await Promise.all([
    findCore(ctx),
    ctx.db.prisma.account.findFirst({ select: { id: true } }),
    loadAuthority(ctx.db),
  ]);
  return {
    id: core.id,
    name: core.name,
    version: VERSION,
    peerUrl: ctx.peerUrl ?? "",
    caFingerprint: toFingerprint(sha256(authority.certificate.raw)),
    // Accounts that are bound to tenants see no account, and are one.
    needsSetUp: account === null && ctx.actor.kind !== "account",
  };
}

/** Id and name of this core. Throws unavailable before its first start. */
export async function findCore(ctx: EngineContext): Promise<{ id: string; name: string }> {
  const core = await ctx.db.prisma.core.findFirst({ select: { id: true, name: true } });
  if (!core) throw new TwincoreError("unavailable", "This core has not been started yet.");
  return core;
}
