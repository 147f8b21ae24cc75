import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { Prisma } from "@/prisma/generated/client";
import { CHAIN_BEGIN } from "./chain";
import { readHead } from "./read-chain";
import { AuditFinding, type AuditReport, type AuditStanding, type VerifyAuditInput } from "./schemas";
import { verifyAuditTrail } from "./verify";

/** How long one request may verify; a person sees the number grow and asks on. */
const VERIFY_MS = 10_000;

/** How long the trail is, and what is known of its truth. */
export async function getAuditStanding(ctx: EngineContext): Promise<AuditStanding> {
  const [head, checkpoint, row] = await Promise.all([
    readHead(ctx.db.pool),
    ctx.db.prisma.auditCheckpoint.findFirst({ orderBy: { position: "desc" }, select: { at: true } }),
    ctx.db.prisma.auditVerification.findFirst(),
  ]);
  const finding = AuditFinding.safeParse(row?.finding).data ?? null;
  return {
    head: Number(head.position),
    checkpointAt: checkpoint?.at.toISOString() ?? null,
    verification: row && {
      state: finding ? "broken" : row.endedAt ? "sound" : "going",
      startedAt: row.startedAt.toISOString(),
      checkedAt: row.checkedAt.toISOString(),
      position: Number(row.position),
      finding,
    },
  };
}

/**
 * Verifies the trail for some seconds and keeps how far it came: asked again, it goes on from there, until its state is "sound" or "broken".
 * Two people who verify at once do each other's work.
 */
export async function verifyAudit(ctx: EngineContext, { restart }: VerifyAuditInput): Promise<AuditReport> {
  const begun = restart ? null : await ctx.db.prisma.auditVerification.findFirst({ where: { endedAt: null } });
  const startedAt = begun?.startedAt ?? ctx.now();
  const from = begun
    ? { position: begun.position, hash: Buffer.from(begun.hash) }
    : { position: 0n, hash: CHAIN_BEGIN };
  const end = performance.now() + VERIFY_MS;
  const { secret, home, db } = ctx;
  const report = await verifyAuditTrail(db, { secret, home, from, isOver: () => performance.now() > end });
  const checkedAt = ctx.now();
  const data = {
    startedAt,
    checkedAt,
    position: BigInt(report.position),
    hash: Uint8Array.from(Buffer.from(report.hash, "hex")),
    endedAt: report.state === "going" ? null : checkedAt,
    finding: report.finding ?? Prisma.DbNull,
  };
  await db.prisma.auditVerification.upsert({ where: { only: true }, create: { only: true, ...data }, update: data });
  return report;
}
