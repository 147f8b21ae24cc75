import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { type HardQuota, hardQuotas } from "./find";
import { refusalWords } from "./judge";
import type { QuotaMeter } from "./schemas";
import { type Queries, usedBytes } from "./used";

/** A recovery point that is to come. */
export interface ComingPoint {
  readonly id: string;
  readonly sequence: bigint | number;
  readonly logicalBytes: number;
}

export interface CheckQuotaInput {
  readonly agentId: string;
  readonly tenantId: string;
  /** New bytes in storage; 0: nothing is added to it. */
  readonly addStored: number;
  /** The point whose logical bytes are protected from then on, in place of those of the agent's newest. */
  readonly point?: ComingPoint | null;
}

export interface Refusal {
  readonly meter: QuotaMeter;
  readonly message: string;
}

/**
 * The first quota that new data would exceed, in words with numbers: the agent's own before the tenant's; null: it fits. Nothing is
 * kept or promised: see reserve. A point that lowers the protected bytes always fits, and so does nothing more to store.
 */
export async function checkQuota(ctx: EngineContext, input: CheckQuotaInput): Promise<Refusal | null> {
  const quotas = await hardQuotas(ctx.db.prisma, [input.agentId, input.tenantId]);
  return checkAgainst(ctx.db.prisma, ctx.now(), input, quotas);
}

/** Does any quota refuse new data of this agent from some size on? */
export async function isLimited(
  ctx: EngineContext,
  { agentId, tenantId }: Pick<CheckQuotaInput, "agentId" | "tenantId">,
): Promise<boolean> {
  return (await hardQuotas(ctx.db.prisma, [agentId, tenantId])).length > 0;
}

/** Bytes that quotas leave to be stored for an agent; null: none limits it. Not below 0. */
export async function remainingStored(
  ctx: EngineContext,
  { agentId, tenantId }: Pick<CheckQuotaInput, "agentId" | "tenantId">,
): Promise<number | null> {
  const db = ctx.db.prisma;
  const quotas = (await hardQuotas(db, [agentId, tenantId])).filter(({ meter }) => meter === "stored");
  const left = await Promise.all(
    quotas.map(async ({ of, subjectId, limitBytes }) => {
      const used = await usedBytes(db, { of, ids: [subjectId], meter: "stored", now: ctx.now() });
      return limitBytes - (used.get(subjectId) ?? 0);
    }),
  );
  return left.length === 0 ? null : Math.max(0, Math.min(...left));
}

/** As checkQuota, in a transaction, against quotas that were read already. */
export async function checkAgainst(
  db: Queries,
  now: Date,
  input: CheckQuotaInput,
  quotas: readonly HardQuota[],
): Promise<Refusal | null> {
  for (const quota of quotas) {
    const would =
      quota.meter === "stored" ? await wouldStore(db, now, input, quota) : await wouldProtect(db, now, input, quota);
    if (!would || would.bytes <= quota.limitBytes) continue;
    const { meter, limits } = quota;
    const whose = await wordsFor(db, quota);
    return { meter, message: refusalWords({ whose, meter, limits, usedBytes: would.before, wouldBytes: would.bytes }) };
  }
  return null;
}

interface Would {
  readonly before: number;
  readonly bytes: number;
}

async function wouldStore(db: Queries, now: Date, input: CheckQuotaInput, quota: HardQuota): Promise<Would | null> {
  if (input.addStored <= 0) return null;
  const { of, subjectId } = quota;
  const before = (await usedBytes(db, { of, ids: [subjectId], meter: "stored", now })).get(subjectId) ?? 0;
  return { before, bytes: before + input.addStored };
}

/** null: the point is here, or older than the newest, or the agent protects nothing of its own, or less is protected afterwards. */
async function wouldProtect(db: Queries, now: Date, input: CheckQuotaInput, quota: HardQuota): Promise<Would | null> {
  const { agentId, point } = input;
  if (!point) return null;
  const agent = await db.agent.findUnique({
    where: { id: agentId },
    select: {
      kind: true,
      recoveryPoints: {
        orderBy: { sequence: "desc" },
        take: 1,
        select: { id: true, sequence: true, logicalBytes: true },
      },
    },
  });
  const newest = agent?.recoveryPoints[0];
  if (agent?.kind !== "machine") return null;
  if (newest && (newest.id === point.id || newest.sequence > BigInt(point.sequence))) return null;
  if (newest && Number(newest.logicalBytes) > point.logicalBytes) return null;
  const { of, subjectId } = quota;
  const asked = { of, ids: [subjectId], meter: "protected", now } as const;
  const others = (await usedBytes(db, { ...asked, withoutAgent: agentId })).get(subjectId) ?? 0;
  const before = (await usedBytes(db, { ...asked, withoutArriving: point.id })).get(subjectId) ?? 0;
  return { before, bytes: others + point.logicalBytes };
}

async function wordsFor(db: Queries, { of, subjectId }: HardQuota): Promise<string> {
  if (of === "agent") return "this agent";
  const tenant = await db.tenant.findUnique({ where: { id: subjectId }, select: { name: true } });
  return `the tenant “${tenant?.name ?? ""}”`;
}
