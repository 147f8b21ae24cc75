import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import { actorName, type EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { readIdCursor } from "@/lib/engine/id-cursor";
import { guard } from "@/lib/engine/protection/guard";
import { loadAuthority, sha256 } from "@/lib/engine/trust";
import { conflict, notFound } from "@/lib/errors";
import type { Prisma } from "@/prisma/generated/client";
import type { CreateEnrolmentTokenInput, EnrolmentToken } from "./schemas";
import { makeTokenText } from "./text";

/** A fleet's roll-out, and an end to a loop that makes tokens. */
const OPEN_MAX = 1_000;
const HOUR_MS = 3600_000;

const NAMED = { select: { id: true, name: true } } as const;
const EVERYTHING = {
  tenant: NAMED,
  repository: NAMED,
  usedPairing: { select: { id: true, peerName: true } },
} as const satisfies Prisma.EnrolmentTokenInclude;
type Row = Prisma.EnrolmentTokenGetPayload<{ include: typeof EVERYTHING }>;

/** Makes a token with which one core pairs at once; `token` is shown this once. Throws not_found for a tenant or repository. Protected: who holds it needs no approval. */
export async function createEnrolmentToken(
  ctx: EngineContext,
  input: CreateEnrolmentTokenInput,
): Promise<EnrolmentToken & { token: string }> {
  await guard(ctx, {
    action: "enrolment-token.create",
    subject: { kind: "repository", id: input.repositoryId },
    title: `Make the enrolment token "${input.name}": one core pairs with it at once.`,
    input,
    tenantId: input.tenantId,
  });
  const now = ctx.now();
  const token = makeTokenText((await loadAuthority(ctx.db)).spki);
  const { name, tenantId, repositoryId } = input;
  return withTransaction(ctx.db, async (tx) => {
    if (!(await tx.repository.findUnique({ where: { id: repositoryId } }))) throw notFound("repository");
    if (tenantId && !(await tx.tenant.findUnique({ where: { id: tenantId } }))) throw notFound("tenant");
    if (
      (await tx.enrolmentToken.count({ where: { revokedAt: null, usedAt: null, expiresAt: { gt: now } } })) >= OPEN_MAX
    )
      throw conflict(`There are ${OPEN_MAX} open tokens. Revoke those that nobody will use.`);
    const row = await tx.enrolmentToken.create({
      data: {
        name,
        tenantId,
        repositoryId,
        hash: sha256(Buffer.from(token)),
        quotaBytes: input.quotaBytes === null ? null : BigInt(input.quotaBytes),
        createdBy: actorName(ctx.actor),
        createdAt: now,
        expiresAt: new Date(now.getTime() + input.expiresInHours * HOUR_MS),
      },
      include: EVERYTHING,
    });
    await writeAudit(tx, ctx, "enrolment-token.create", row.id, { name, repositoryId, tenantId });
    await emitEvent(tx, "pairing", row.id);
    return { ...toToken(row, now), token };
  });
}

/** Every token with what became of it, newest first. */
export async function listEnrolmentTokens(
  ctx: EngineContext,
  input: { cursor?: string; limit: number },
): Promise<{ items: EnrolmentToken[]; nextCursor: string | null; total: number }> {
  const [rows, total] = await Promise.all([
    ctx.db.prisma.enrolmentToken.findMany({
      where: { id: { lt: readIdCursor(input.cursor) } },
      orderBy: { id: "desc" },
      take: input.limit + 1,
      include: EVERYTHING,
    }),
    ctx.db.prisma.enrolmentToken.count(),
  ]);
  const items = rows.slice(0, input.limit).map((row) => toToken(row, ctx.now()));
  return { items, nextCursor: rows.length > input.limit ? (items.at(-1)?.id ?? null) : null, total };
}

/** Ends an open token at once; one that is revoked stays so. Throws not_found, and conflict for one that was used. */
export function revokeEnrolmentToken(ctx: EngineContext, input: { id: string }): Promise<EnrolmentToken> {
  return withTransaction(ctx.db, async (tx) => {
    const where = { id: input.id, revokedAt: null, usedAt: null };
    const revoked = await tx.enrolmentToken.updateMany({ where, data: { revokedAt: ctx.now() } });
    const row = await tx.enrolmentToken.findUnique({ where: { id: input.id }, include: EVERYTHING });
    if (!row) throw notFound("enrolment token");
    if (row.usedAt)
      throw conflict(`This token was used by ${row.usedPairing?.peerName ?? "a core"}. End that pairing instead.`);
    if (revoked.count > 0) {
      await writeAudit(tx, ctx, "enrolment-token.revoke", row.id, { name: row.name });
      await emitEvent(tx, "pairing", row.id);
    }
    return toToken(row, ctx.now());
  });
}

function toToken(row: Row, now: Date): EnrolmentToken {
  return {
    id: row.id,
    name: row.name,
    state: row.usedAt ? "used" : row.revokedAt ? "revoked" : row.expiresAt <= now ? "expired" : "open",
    tenant: row.tenant,
    repository: row.repository,
    quotaBytes: row.quotaBytes === null ? null : Number(row.quotaBytes),
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    usedAt: row.usedAt?.toISOString() ?? null,
    usedPairing: row.usedPairing && { id: row.usedPairing.id, name: row.usedPairing.peerName },
  };
}
