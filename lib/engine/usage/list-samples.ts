import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { notFound } from "@/lib/errors";
import { Prisma, type UsageEntry, type UsageOrigin } from "@/prisma/generated/client";
import { readDays } from "./list-days";
import { type LedgerEntry, piecesOf } from "./roll-days";
import type { ListUsageSamplesInput, UsageDayReport, UsagePiece, UsageSample, UsageSamples } from "./schemas";

/** An agent that changes with each measurement of the longest day has some 200. */
const SAMPLES_MAX = 2_000;
/** Repositories and tenants in which one agent may have been on one day. */
const PLACES_MAX = 100;

/**
 * What one agent's day is made of: the ledger's rows, the measurements, and the stretches of time whose sums are the day's figures.
 * Throws `not_found` when nothing was counted of the agent on that day.
 */
export async function listUsageSamples(ctx: EngineContext, input: ListUsageSamplesInput): Promise<UsageSamples> {
  const { agentId, day, tenantId } = input;
  const isTenant = tenantId ? Prisma.sql`d.tenant_id = ${tenantId}::uuid` : Prisma.sql`true`;
  const wanted = Prisma.sql`d.agent_id = ${agentId}::uuid and d.day = ${day}::date and ${isTenant}`;
  const days = await readDays(ctx, wanted, PLACES_MAX);
  if (days.length === 0) throw notFound("usage of this agent on this day");
  const begins = new Date(Math.min(...days.map(({ beginsAt }) => Date.parse(beginsAt))));
  const ends = new Date(Math.max(...days.map(({ endsAt }) => Date.parse(endsAt))));
  const [entries, reported, measurements] = await Promise.all([
    readEntries(ctx, { agentId, origin: "measured", begins, ends, before: true }),
    readEntries(ctx, { agentId, origin: "reported", begins, ends, before: false }),
    readMeasurements(ctx, begins, ends),
  ]);
  return {
    days,
    samples: entries.map(toSample),
    measurements: measurements.map((at) => at.toISOString()),
    pieces: toPieces(days, entries, measurements),
    reported: reported.map(toSample),
  };
}

interface Range {
  agentId: string;
  origin: UsageOrigin;
  begins: Date;
  ends: Date;
  /** With the entry that counted when the day began. */
  before: boolean;
}

async function readEntries(ctx: EngineContext, range: Range): Promise<UsageEntry[]> {
  const { agentId, origin, begins, ends } = range;
  const { usageEntry } = ctx.db.prisma;
  const order = [{ at: "asc" as const }, { id: "asc" as const }];
  const within = await usageEntry.findMany({
    where: { agentId, origin, at: { gt: begins, lt: ends } },
    orderBy: order,
    take: SAMPLES_MAX,
  });
  if (!range.before) return within;
  const first = await usageEntry.findFirst({
    where: { agentId, origin, at: { lte: begins } },
    orderBy: [{ at: "desc" }, { id: "desc" }],
  });
  return first ? [first, ...within] : within;
}

/** The last one before the day, those in it, and the first one behind it. */
async function readMeasurements(ctx: EngineContext, begins: Date, ends: Date): Promise<Date[]> {
  const rows = await ctx.db.prisma.$queryRaw<{ at: Date }[]>`
    select distinct date_trunc('second', at) as at from usage_measurement
    where at >= coalesce((select max(at) from usage_measurement where at <= ${begins}), ${begins})
      and at <= coalesce((select min(at) from usage_measurement where at >= ${ends}), ${ends})
    order by 1 limit ${SAMPLES_MAX}`;
  return rows.map(({ at }) => at);
}

const secondsAt = (at: Date): number => Math.floor(at.getTime() / 1000);
const instantAt = (seconds: number): string => new Date(seconds * 1000).toISOString();

function toPieces(days: readonly UsageDayReport[], entries: readonly UsageEntry[], at: readonly Date[]): UsagePiece[] {
  const ledger = entries.map(toLedgerEntry);
  const measurements = at.map(secondsAt);
  const tenants = new Map(days.map((day) => [day.tenantId, day]));
  return [...tenants.values()]
    .flatMap(({ tenantId, day, beginsAt, endsAt }) =>
      piecesOf(ledger, measurements, {
        tenantId,
        day,
        from: secondsAt(new Date(beginsAt)),
        to: secondsAt(new Date(endsAt)),
      }),
    )
    .map(({ entry, from, to, measured, missing }) => ({
      from: instantAt(from),
      to: instantAt(to),
      repositoryId: entry.repositoryId,
      measuredSeconds: measured,
      missingSeconds: missing,
      protectedBytes: Number(entry.protectedBytes),
      storedBytes: Number(entry.storedBytes),
      protectedByteSeconds: String(entry.protectedBytes * BigInt(measured)),
      storedByteSeconds: String(entry.storedBytes * BigInt(measured)),
    }));
}

const toLedgerEntry = (row: UsageEntry): LedgerEntry => ({
  at: secondsAt(row.at),
  tenantId: row.tenantId,
  repositoryId: row.repositoryId ?? "",
  protectedBytes: row.protectedBytes,
  storedBytes: row.storedBytes ?? 0n,
  transferredBytes: row.transferredBytes,
  recoveryPoints: row.recoveryPoints,
  agents: row.agents,
  isEnd: row.isEnd,
});

const toSample = (row: UsageEntry): UsageSample => ({
  at: row.at.toISOString(),
  tenantId: row.tenantId,
  repositoryId: row.repositoryId,
  protectedBytes: Number(row.protectedBytes),
  storedBytes: row.storedBytes === null ? null : Number(row.storedBytes),
  transferredBytes: Number(row.transferredBytes),
  recoveryPoints: row.recoveryPoints,
  isEnd: row.isEnd,
});
