import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { EngineContext } from "@/lib/engine/context";
import { daysOf, monthAt, monthSpan } from "@/lib/engine/usage/calendar";
import { type LedgerDay, rollDays } from "@/lib/engine/usage/roll-days";
import { rollUpUsage } from "@/lib/engine/usage/roll-up";
import { emptyLedger, writeHistory } from "@/tests/support/ledger";
import { PeerCore } from "@/tests/support/peer-core";
import { historyOf } from "@/tests/support/usage-history";

let core: PeerCore;
const repositoryIds = [randomUUID(), randomUUID(), randomUUID()];
const ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"];
/** Days of both changes of the clock, the one that Apia skipped, a short February and a year's end. */
const STARTS = ["2026-03-20", "2026-10-15", "2011-12-20", "2026-02-15", "2026-12-25"];
const tenantIds: string[] = [];

beforeAll(async () => {
  core = await PeerCore.start("Vault");
  for (const timeZone of ZONES)
    tenantIds.push((await core.db.prisma.tenant.create({ data: { name: timeZone, timeZone } })).id);
});

beforeEach(() => emptyLedger(core.db));

const contextAt = (seconds: number): EngineContext => ({ ...core.ctx(), now: () => new Date(seconds * 1000) });
const seconds = (date: Date) => date.getTime() / 1000;

describe("the roll-up", () => {
  it("comes to what the arithmetic of the ledger says, for any history, however often and in whatever steps it is made", async () => {
    let compared = 0;
    const input = fc.record({
      seed: fc.integer({ min: 0, max: 2 ** 31 }),
      start: fc.constantFrom(...STARTS),
      days: fc.integer({ min: 1, max: 32 }),
      stops: fc.array(fc.double({ min: 0.05, max: 0.95, noNaN: true }), { maxLength: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(input, async ({ seed, start, days, stops }) => {
        await emptyLedger(core.db);
        const from = Date.parse(start) / 1000;
        const to = from + days * 86_400;
        const agentIds = [1, 2, 3, 4, 5, 6].map(() => randomUUID());
        const history = historyOf({ seed, from, to, tenantIds, repositoryIds, agentIds });
        // What is rolled up on the way does not change what comes out, but for the days that were final by then: those never do.
        const parts = [...stops.sort().map((part) => from + Math.floor(days * 86_400 * part)), to + 1];
        let written = from - 1;
        for (const part of parts) {
          await writeHistory(core.db, history, written, part);
          await rollUpUsage(contextAt(part));
          written = part;
        }
        await rollUpUsage(contextAt(to + 1));
        const rows = await rolled();
        compared += rows.length;
        expect(rows).toEqual(expected(history, to));
      }),
      { seed: 20_261_121, numRuns: 6 },
    );
    expect(compared).toBeGreaterThan(200);
  });

  it("counts a tenant's new time zone from its next month on, and every second once", async () => {
    const [tenantId = ""] = tenantIds;
    const { prisma } = core.db;
    const months = ["2026-06-20", "2026-07-20", "2026-08-20"];
    const zones = ["Europe/Berlin", "America/New_York", "Asia/Kolkata"];
    const from = Date.parse("2026-06-20") / 1000;
    const to = Date.parse("2026-08-20") / 1000;
    const always = {
      tenantId,
      repositoryId: repositoryIds[0] ?? "",
      protectedBytes: 2n,
      storedBytes: 3n,
      transferredBytes: 0n,
    };
    const day = (at: number) => ({ ...always, at, recoveryPoints: 1, agents: 1, isEnd: false });
    const measurements = Array.from({ length: (to - from) / 3_600 + 1 }, (_, hour) => from + hour * 3_600);
    const history = {
      measurements,
      entries: new Map([[randomUUID(), measurements.filter((at) => at % 86_400 === 0).map(day)]]),
    };
    await writeHistory(core.db, history, 0, to);
    for (const [place, timeZone] of zones.entries()) {
      await prisma.tenant.update({ where: { id: tenantId }, data: { timeZone } });
      await rollUpUsage(contextAt(Date.parse(months[place] ?? "") / 1000));
    }
    await prisma.tenant.update({ where: { id: tenantId }, data: { timeZone: ZONES[0] } });
    const own = await prisma.usageMonth.findMany({ where: { tenantId }, orderBy: { month: "asc" } });
    expect(own.map(({ month, timeZone }) => [month, timeZone])).toEqual([
      ["2026-06", "Europe/Berlin"],
      ["2026-07", "America/New_York"],
      ["2026-08", "Asia/Kolkata"],
    ]);
    expect(own.slice(1).map(({ beginsAt }) => beginsAt)).toEqual(own.slice(0, -1).map(({ endsAt }) => endsAt));
    const { _sum } = await prisma.usageDay.aggregate({
      where: { tenantId },
      _sum: { measuredSeconds: true, storedByteSeconds: true },
    });
    expect(_sum.measuredSeconds).toBe(to - from);
    expect(_sum.storedByteSeconds?.toFixed()).toBe(String(3 * (to - from)));
  });

  it("leaves days that are final as they are, and lets go of the ledger behind them when it is old", async () => {
    const [tenantId = ""] = tenantIds;
    const now = Math.floor(Date.now() / 1000);
    const from = now - 402 * 86_400;
    const history = historyOf({
      seed: 3,
      from,
      to: from + 5 * 86_400,
      tenantIds: [tenantId],
      repositoryIds,
      agentIds: [randomUUID()],
    });
    await writeHistory(core.db, history, 0, now);
    await rollUpUsage(contextAt(from + 10 * 86_400));
    const before = await rolled();
    expect(before).not.toEqual([]);
    await core.db.prisma.usageMeasurement.create({ data: { at: new Date(now * 1000), agents: 1 } });
    await rollUpUsage(contextAt(now));
    const old = { at: { lt: new Date((now - 400 * 86_400) * 1000) } };
    expect(await core.db.prisma.usageEntry.count({ where: old })).toBe(0);
    expect(await core.db.prisma.usageMeasurement.count({ where: old })).toBe(0);
    const days = await rolled();
    expect(days.slice(0, 2)).toEqual(before.slice(0, 2));
  });
});

function expected(history: ReturnType<typeof historyOf>, to: number) {
  const days: LedgerDay[] = tenantIds.flatMap((tenantId, place) => {
    const zone = ZONES[place] ?? "";
    const first = Math.min(
      to,
      ...[...history.entries.values()]
        .flat()
        .filter((entry) => entry.tenantId === tenantId)
        .map(({ at }) => at),
    );
    const months = new Set<string>();
    for (let at = first; at < to + 86_400; at += 86_400) months.add(monthAt(zone, new Date(Math.min(at, to) * 1000)));
    return [...months].flatMap((month) =>
      daysOf(monthSpan(zone, month)).map((day) => ({
        tenantId,
        day: day.day,
        from: seconds(day.beginsAt),
        to: seconds(day.endsAt),
      })),
    );
  });
  return [...history.entries]
    .flatMap(([agentId, entries]) => rollDays(entries, history.measurements, days).map((day) => ({ agentId, ...day })))
    .sort(byKey);
}

const byKey = (a: Key, b: Key) => keyOf(a).localeCompare(keyOf(b));
type Key = { day: string; agentId: string; tenantId: string; repositoryId: string };
const keyOf = (row: Key) => [row.day, row.agentId, row.tenantId, row.repositoryId].join();

async function rolled() {
  const rows = await core.db.prisma.usageDay.findMany();
  return rows
    .map(({ id, agentName, pairingId, timeZone, beginsAt, endsAt, computedAt, ...row }) => ({
      ...row,
      day: row.day.toISOString().slice(0, 10),
      protectedByteSeconds: BigInt(row.protectedByteSeconds.toFixed()),
      storedByteSeconds: BigInt(row.storedByteSeconds.toFixed()),
    }))
    .sort(byKey);
}
