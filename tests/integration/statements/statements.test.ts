import { randomUUID } from "node:crypto";
import { Decimal } from "decimal.js";
import { beforeAll, describe, expect, it } from "vitest";
import { adminContract } from "@/lib/admin/contract";
import { databaseOf } from "@/lib/context";
import type { EngineContext } from "@/lib/engine/context";
import * as pricePlans from "@/lib/engine/price-plans";
import * as statements from "@/lib/engine/statements";
import { addCorrection, listCorrections, listUsage, listUsageDays, listUsageSamples } from "@/lib/engine/usage";
import { rollUpUsage } from "@/lib/engine/usage/roll-up";
import { everyone } from "@/lib/http/row";
import { writeHistory } from "@/tests/support/ledger";
import { PeerCore } from "@/tests/support/peer-core";
import { historyOf } from "@/tests/support/usage-history";

const FROM = Date.parse("2026-08-25T00:00:00Z") / 1000;
const TO = Date.parse("2026-11-10T00:00:00Z") / 1000;
const NAMES = ["Acme", "Bolt", "Cord", "Dune"];
let core: PeerCore;
let planId = "";
const tenantIds: string[] = [];
const repositoryIds: string[] = [];
const agentIds = Array.from({ length: 8 }, () => randomUUID());

const contextAt = (text: string): EngineContext => ({ ...core.ctx(), now: () => new Date(text) });
const later = () => contextAt("2026-11-10T00:00:00Z");
const history = () => historyOf({ seed: 5, from: FROM, to: TO, tenantIds, repositoryIds, agentIds });

beforeAll(async () => {
  core = await PeerCore.start("Vault");
  for (const name of NAMES)
    tenantIds.push((await core.db.prisma.tenant.create({ data: { name, timeZone: "Europe/Berlin" } })).id);
  for (const name of ["disk", "shelf"])
    repositoryIds.push((await core.db.prisma.repository.create({ data: { name, path: `/${name}` } })).id);
  await writeHistory(core.db, history(), 0, TO);
  const ctx = later();
  await rollUpUsage(ctx);
  const plan = await pricePlans.createPricePlan(ctx, { name: "Gold", description: "", currency: "EUR" });
  planId = plan.id;
  await pricePlans.setPlanVersion(ctx, { id: planId, validFrom: "2026-01", minimum: "10", rates: rates("0.03") });
  for (const tenantId of tenantIds.slice(0, 3))
    await pricePlans.assignPlan(ctx, { tenantId, validFrom: "2026-09", planId });
  await statements.computeStatements(ctx);
});

const rates = (unitPrice: string) => [
  { meter: "stored" as const, fromQuantity: "0", unitPrice },
  { meter: "stored" as const, fromQuantity: "2", unitPrice: "0.02" },
  { meter: "agents" as const, fromQuantity: "0", unitPrice: "4.5" },
];

const find = async (name: string, month: string) => {
  const tenantId = tenantIds[NAMES.indexOf(name)];
  const { items } = await statements.listStatements(later(), { limit: 50, tenantId, month });
  const [only] = items;
  if (!only) throw new Error(`no statement of ${name} for ${month}`);
  return only;
};

describe("drafts", () => {
  it("are there for each tenant and month that is over, and say the same in the list, by themselves and as the sum of their lines", async () => {
    const { items, total } = await statements.listStatements(later(), { limit: 50 });
    expect(total).toBe(NAMES.length * 3);
    for (const { id, total: listed } of items) {
      const { lines, total } = await statements.getStatement(later(), { id });
      expect(total).toBe(listed);
      expect(lines.reduce((sum, { amount }) => sum.plus(amount), new Decimal(0)).toFixed(2)).toBe(total);
    }
  });

  it("without a plan show usage and no price", async () => {
    const { id } = await find("Dune", "2026-10");
    expect(await statements.getStatement(later(), { id })).toMatchObject({ planId: null, currency: "", total: "0.00" });
  });

  it("are paged, newest month first, each once", async () => {
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await statements.listStatements(later(), { limit: 5, cursor });
      seen.push(...page.items.map(({ month, tenantName }) => `${month} ${tenantName}`));
      cursor = page.nextCursor ?? undefined;
    } while (cursor);
    expect(seen).toEqual(["2026-10", "2026-09", "2026-08"].flatMap((month) => NAMES.map((name) => `${month} ${name}`)));
    await expect(statements.listStatements(later(), { limit: 5, cursor: "x" })).rejects.toMatchObject({
      code: "invalid_input",
    });
  });

  it("open from a line to its days, to the agents of a day, to the samples behind them, and every step adds up", async () => {
    const ctx = later();
    const { id, tenantId } = await find("Acme", "2026-10");
    const { line, days } = await statements.getStatementLine(ctx, { id, position: 1 });
    expect(line).toMatchObject({ kind: "usage", meter: "stored" });
    const { usage } = await statements.getStatement(ctx, { id });
    const counted = days.reduce((sum, day) => sum + BigInt(day.counted), 0n);
    expect(usage[0]?.formula).toContain(`${counted} byte-seconds ÷ (10^9 × ${31 * 86_400 + 3_600} s)`);
    const fullest = days.reduce((most, day) => (day.agents > most.agents ? day : most));
    const agents = await statements.listStatementDays(ctx, { id, limit: 200, day: fullest.day });
    expect(agents.items.reduce((sum, row) => sum + BigInt(row.storedByteSeconds), 0n)).toBe(BigInt(fullest.counted));
    const [agent] = agents.items;
    const samples = await listUsageSamples(ctx, { agentId: agent?.agentId ?? "", day: fullest.day, tenantId });
    const own = samples.pieces.filter(({ repositoryId }) => repositoryId === agent?.repositoryId);
    expect(own.reduce((sum, piece) => sum + BigInt(piece.storedByteSeconds), 0n)).toBe(
      BigInt(agent?.storedByteSeconds ?? -1),
    );
    expect(own.reduce((sum, piece) => sum + piece.measuredSeconds, 0)).toBe(agent?.measuredSeconds);
    const shown = await listUsageDays(ctx, { from: fullest.day, to: fullest.day, tenantId, limit: 200 });
    expect(shown.items.map((row) => row.storedByteSeconds).sort()).toEqual(
      agents.items.map((row) => row.storedByteSeconds).sort(),
    );
  });

  it("give their forms all days and agents, batch by batch", async () => {
    const { id } = await find("Acme", "2026-10");
    const opened = await statements.openStatement(later(), { id });
    const sumOf = async (batches: AsyncIterable<readonly { storedByteSeconds: bigint }[]>) => {
      let [rows, sum] = [0, 0n];
      for await (const batch of batches) for (const row of batch) [rows, sum] = [rows + 1, sum + row.storedByteSeconds];
      return { rows, sum };
    };
    const [days, agents, totals, counts] = await Promise.all([
      sumOf(opened.days()),
      sumOf(opened.agents()),
      opened.dayTotals(),
      opened.counts(),
    ]);
    expect(counts).toEqual({ days: days.rows, agents: agents.rows });
    expect(agents.sum).toBe(days.sum);
    expect(totals.reduce((sum, day) => sum + day.storedByteSeconds, 0n)).toBe(days.sum);
    expect(opened.statement.usage[0]?.formula).toContain(`${days.sum} byte-seconds`);
  });
});

describe("a month to date", () => {
  it("is what was measured, and its forecast goes on at the mean of the last seven days", async () => {
    const tenantId = tenantIds[0] ?? "";
    const preview = await statements.previewStatement(later(), { tenantId });
    expect(preview).toMatchObject({ month: "2026-11", currency: "EUR" });
    expect(new Date(preview.measuredTo).getTime()).toBeLessThanOrEqual(TO * 1000);
    const quantity = (of: typeof preview.forecast) => Number(of?.usage[3]?.quantity);
    expect(quantity(preview.forecast)).toBeGreaterThan(quantity(preview.toDate));
    const over = await statements.previewStatement(later(), { tenantId, month: "2026-10" });
    expect(over.forecast).toBeNull();
    await expect(statements.previewStatement(later(), { tenantId: randomUUID() })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("usage by the day", () => {
  it("is the same whichever way it is grouped, with the small groups as one", async () => {
    const range = { from: "2026-10-01", to: "2026-10-31", meter: "transferred" as const };
    const reports = await Promise.all(
      (["tenant", "agent", "repository", "source"] as const).map((groupBy) =>
        listUsage(later(), { ...range, groupBy, groups: 2 }),
      ),
    );
    const totals = reports.map(({ sum }) => sum.total);
    expect(new Set(totals)).toHaveLength(1);
    expect(totals[0]).toBeGreaterThan(0);
    const [byTenant, byAgent] = reports;
    expect(byTenant).toMatchObject({ groupsInAll: NAMES.length, days: { length: 31 } });
    expect(byTenant?.groups.map(({ isOther }) => isOther)).toEqual([false, false, true]);
    expect(byTenant?.groups.reduce((sum, group) => sum + group.total, 0)).toBeCloseTo(totals[0] ?? 0, 0);
    expect(byAgent?.groups[0]?.name).toBe(byAgent?.groups[0]?.id?.slice(0, 8));
    expect(byTenant?.sum.monthBefore).toBeGreaterThan(0);
    await expect(
      listUsage(later(), { ...range, groupBy: "tenant", groups: 2, to: "2028-01-01" }),
    ).rejects.toMatchObject({ code: "invalid_input" });
    await expect(
      listUsage(later(), { ...range, groupBy: "tenant", groups: 2, to: "2026-01-01" }),
    ).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("of an account that is bound to a tenant is that tenant's, and so are its statements", async () => {
    const actor = { ...billing, tenantIds: tenantIds.slice(0, 1) };
    const ctx: EngineContext = { ...later(), actor, db: databaseOf(core.db, actor) };
    const { groups } = await listUsage(ctx, {
      groupBy: "tenant",
      meter: "stored",
      groups: 8,
      from: "2026-10-01",
      to: "2026-10-31",
    });
    expect(groups.map(({ name }) => name)).toEqual(["Acme"]);
    const { items } = await statements.listStatements(ctx, { limit: 50 });
    expect(new Set(items.map(({ tenantName }) => tenantName))).toEqual(new Set(["Acme"]));
    const [mine, whole] = await Promise.all(
      [ctx, later()].map((one) => statements.getStatement(one, { id: items[0]?.id ?? "" })),
    );
    expect({ ...mine, computedAt: "" }).toEqual({ ...whole, computedAt: "" });
    const { id: foreign } = await find("Bolt", "2026-10");
    await expect(statements.getStatement(ctx, { id: foreign })).rejects.toMatchObject({ code: "not_found" });
    await expect(statements.listStatementDays(ctx, { id: foreign, limit: 5 })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(statements.previewStatement(ctx, { tenantId: tenantIds[1] ?? "" })).rejects.toMatchObject({
      code: "not_found",
    });
    expect((await pricePlans.listPricePlans(ctx, { limit: 50, retired: "false" })).items).toMatchObject([
      { name: "Gold" },
    ]);
  });
});

const billing = { kind: "account", accountId: randomUUID(), name: "bill@example.com", role: "billing" } as const;

describe("final statements", () => {
  it("have numbers without a gap or a double, however many are made final at the same time, and each once", async () => {
    const drafts = (await statements.listStatements(later(), { limit: 50, month: "2026-09" })).items;
    const finals = await Promise.all(
      [...drafts, ...drafts].map(({ id }) => statements.finaliseStatement(later(), { id })),
    );
    const numbers = [...new Set(finals.map(({ number }) => number))].sort();
    expect(numbers).toEqual([1, 2, 3, 4]);
    const again = await statements.finaliseStatement(later(), { id: drafts[0]?.id ?? "" });
    expect(numbers).toContain(again.number);
    const audit = await core.db.prisma.auditEntry.count({ where: { action: "statement.finalise" } });
    expect(audit).toBe(4);
  });

  it("never change: not by the ledger, prices, plans or corrections, nor by any hand", async () => {
    const { id, tenantId } = await find("Acme", "2026-09");
    const before = await statements.getStatement(later(), { id });
    const daysBefore = await statements.listStatementDays(later(), { id, limit: 200 });
    const at = new Date("2026-09-15T12:00:00Z");
    const sample = await core.db.prisma.usageEntry.findFirstOrThrow({
      where: { tenantId, at: { lt: at } },
      orderBy: { at: "desc" },
    });
    const { id: _, ...entry } = sample;
    await core.db.prisma.usageEntry.create({ data: { ...entry, at, storedBytes: 10n ** 13n, isEnd: false } });
    await core.db.prisma.$executeRaw`update usage_month set final_to = begins_at`;
    await rollUpUsage(later());
    await pricePlans.updatePricePlan(later(), { id: planId, name: "Gold and more" });
    await pricePlans.assignPlan(later(), { tenantId, validFrom: "2026-10", planId });
    await addCorrection(later(), {
      tenantId,
      month: "2026-09",
      meter: "stored",
      quantity: "-1.5",
      reason: "counted twice",
    });
    await statements.computeStatements(later());
    expect(await statements.getStatement(later(), { id })).toEqual(before);
    expect(await statements.listStatementDays(later(), { id, limit: 200 })).toEqual(daysBefore);
    const { prisma } = core.db;
    await expect(prisma.statement.update({ where: { id }, data: { total: 0 } })).rejects.toThrow(/never changes/);
    await expect(prisma.statementLine.deleteMany({ where: { statementId: id } })).rejects.toThrow(/never changes/);
    await expect(
      prisma.statementDay.updateMany({ where: { statementId: id }, data: { missingSeconds: 0 } }),
    ).rejects.toThrow(/never changes/);
    await expect(prisma.priceRate.updateMany({ data: { unitPrice: 0 } })).rejects.toThrow(/never change/);
    await expect(prisma.usageCorrection.deleteMany()).rejects.toThrow(/never edited/);
  });

  it("hold the prices that made them, and the tenant's plan of their month", async () => {
    const inUse = { code: "conflict", options: { detail: "in-use" } };
    const version = { id: planId, validFrom: "2026-05", minimum: "0", rates: rates("1") };
    await expect(pricePlans.setPlanVersion(later(), version)).rejects.toMatchObject(inUse);
    await expect(pricePlans.deletePlanVersion(later(), { id: planId, validFrom: "2026-01" })).rejects.toMatchObject(
      inUse,
    );
    const plan = { tenantId: tenantIds[0] ?? "", validFrom: "2026-09", planId };
    await expect(pricePlans.assignPlan(later(), plan)).rejects.toMatchObject(inUse);
    await expect(pricePlans.removeTenantPlan(later(), plan)).rejects.toMatchObject(inUse);
    const { versions } = await pricePlans.setPlanVersion(later(), { ...version, validFrom: "2026-10" });
    expect(versions.map(({ validFrom, isFrozen }) => [validFrom, isFrozen])).toEqual([
      ["2026-10", false],
      ["2026-01", true],
    ]);
  });

  it("are corrected by a line of the next statement, once", async () => {
    const { id } = await find("Acme", "2026-10");
    const { lines } = await statements.getStatement(later(), { id });
    const line = lines.find(({ kind }) => kind === "correction");
    expect(line).toMatchObject({ description: "Correction of 2026-09, stored: counted twice", meter: "stored" });
    const opened = await statements.getStatementLine(later(), { id, position: line?.position ?? 0 });
    expect(opened).toMatchObject({ days: [], correction: { month: "2026-09", reason: "counted twice" } });
    expect((await listCorrections(later(), { limit: 50 })).items).toMatchObject([
      { statementId: null, tenantName: "Acme" },
    ]);
    await statements.finaliseStatement(later(), { id });
    expect((await listCorrections(later(), { limit: 50 })).items).toMatchObject([{ statementId: id }]);
    const next = await statements.previewStatement(later(), { tenantId: tenantIds[0] ?? "" });
    expect(next.toDate.lines.filter(({ kind }) => kind === "correction")).toEqual([]);
  });

  it("are refused while the month is not over, or its end was not measured", async () => {
    const { id } = await find("Bolt", "2026-10");
    const early = statements.finaliseStatement(contextAt("2026-10-31T22:59:59Z"), { id });
    await expect(early).rejects.toMatchObject({ code: "conflict", options: { detail: "not-over" } });
    await expect(statements.finaliseStatement(later(), { id: randomUUID() })).rejects.toMatchObject({
      code: "not_found",
    });
    const tenant = await core.db.prisma.tenant.create({ data: { name: "Far" } });
    const span = { beginsAt: new Date("2027-01-01T00:00:00Z"), endsAt: new Date("2027-02-01T00:00:00Z") };
    const month = { tenantId: tenant.id, month: "2027-01", timeZone: "UTC" };
    await core.db.prisma.usageMonth.create({ data: { ...month, ...span, finalTo: span.beginsAt } });
    const ctx = contextAt("2027-02-02T00:00:00Z");
    await statements.computeStatements(ctx);
    expect(await core.db.prisma.statement.count({ where: { tenantId: tenant.id } })).toBe(0);
    await pricePlans.assignPlan(ctx, { tenantId: tenant.id, validFrom: "2027-01", planId });
    await statements.computeStatements(ctx);
    const far = await core.db.prisma.statement.findFirstOrThrow({ where: { tenantId: tenant.id } });
    const blind = statements.finaliseStatement(ctx, { id: far.id });
    await expect(blind).rejects.toMatchObject({ code: "conflict", options: { detail: "not-measured" } });
  });

  it("are made by the calendar when people say so, all drafts of the month before", async () => {
    await statements.setBillingSettings(later(), { finaliseOnDay: 12 });
    await statements.computeStatements(later());
    expect((await find("Bolt", "2026-10")).state).toBe("draft");
    await statements.computeStatements(contextAt("2026-11-12T00:05:00Z"));
    const { items } = await statements.listStatements(later(), { limit: 50, month: "2026-10" });
    expect(items.map(({ state }) => state)).toEqual(["final", "final", "final", "final"]);
    expect(items.map(({ number }) => number).sort()).toEqual([5, 6, 7, 8]);
  });
});

describe("prices", () => {
  it("are refused when they make no sense, and never by halves", async () => {
    const plan = await pricePlans.createPricePlan(later(), { name: "Silver", description: "", currency: "KWD" });
    expect(plan).toMatchObject({ currencyDigits: 3, tenants: 0 });
    const refused = (rate: object[], code = "invalid_input") =>
      expect(
        pricePlans.setPlanVersion(later(), {
          id: plan.id,
          validFrom: "2026-12",
          minimum: "0",
          rates: rate as ReturnType<typeof rates>,
        }),
      ).rejects.toMatchObject({ code });
    await refused([{ meter: "stored", fromQuantity: "5", unitPrice: "1" }]);
    await refused([
      { meter: "stored", fromQuantity: "0", unitPrice: "1" },
      { meter: "stored", fromQuantity: "0.0", unitPrice: "2" },
    ]);
    await expect(
      pricePlans.createPricePlan(later(), { name: "Silver", description: "", currency: "EUR" }),
    ).rejects.toMatchObject({ options: { detail: "exists" } });
    await expect(
      pricePlans.createPricePlan(later(), { name: "Tin", description: "", currency: "QQQ" }),
    ).rejects.toMatchObject({ code: "invalid_input" });
    await pricePlans.updatePricePlan(later(), { id: plan.id, isRetired: true });
    const assigned = pricePlans.assignPlan(later(), {
      tenantId: tenantIds[0] ?? "",
      validFrom: "2027-01",
      planId: plan.id,
    });
    await expect(assigned).rejects.toMatchObject({ options: { detail: "wrong-state" } });
    expect((await pricePlans.getPricePlan(later(), { id: plan.id })).versions).toEqual([]);
  });

  it("and corrections are refused for what there is not", async () => {
    const correction = {
      tenantId: tenantIds[0] ?? "",
      month: "2026-11",
      meter: "agents" as const,
      quantity: "1",
      reason: "asked for",
    };
    for (const wrong of [{ quantity: "0.000" }, { month: "2026-12" }])
      await expect(addCorrection(later(), { ...correction, ...wrong })).rejects.toMatchObject({
        code: "invalid_input",
      });
    for (const wrong of [{ tenantId: randomUUID() }, { agentId: randomUUID() }])
      await expect(addCorrection(later(), { ...correction, ...wrong })).rejects.toMatchObject({ code: "not_found" });
  });

  it("and statements are for administrators and billing only, usage is for everyone", () => {
    for (const [name, row] of Object.entries(adminContract)) {
      if (/^\/(statements|price-plans|billing-settings)|plans|statement-preview|corrections/.test(row.path))
        expect(row.roles, name).toEqual(["administrator", "billing"]);
      if (/^\/usage(\/days|\/samples)?$/.test(row.path)) expect(row.roles, name).toEqual(everyone);
    }
  });
});
