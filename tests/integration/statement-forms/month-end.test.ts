import { parse } from "csv-parse/sync";
import { Decimal } from "decimal.js";
import { beforeAll, describe, expect, it } from "vitest";
import { previewPlan } from "@/lib/engine/plan-preview";
import { assignPlan, createPricePlan, setPlanVersion } from "@/lib/engine/price-plans";
import { exportStatement } from "@/lib/engine/statement-forms";
import { computeStatements, finaliseStatement, getStatement, listStatements } from "@/lib/engine/statements";
import type { StatementDetail } from "@/lib/engine/statements/schemas";
import { rollUpUsage } from "@/lib/engine/usage";
import { exportUsage } from "@/lib/engine/usage-export";
import { getStorageOutlook } from "@/lib/engine/usage-outlook";
import { THREE_TENANTS, writeBillingMonths } from "@/tests/support/billing-months";
import { PeerCore } from "@/tests/support/peer-core";
import { bytesOf } from "@/tests/support/printed-statement";

const MONTH = "2026-10";
const NOW = new Date("2026-11-05T10:00:00Z");
const RATES = [
  { meter: "stored", fromQuantity: "0", unitPrice: "0.045" },
  { meter: "stored", fromQuantity: "1000", unitPrice: "0.038" },
  { meter: "transferred", fromQuantity: "0", unitPrice: "0.01" },
  { meter: "agents", fromQuantity: "0", unitPrice: "4.5" },
] as const;
let core: PeerCore;
let planId: string;
let draft: StatementDetail;

beforeAll(async () => {
  core = await PeerCore.start("msp");
  core.aheadMs = NOW.getTime() - Date.now();
  const { prisma } = core.db;
  const repository = await prisma.repository.create({ data: { name: "vault", path: "/nowhere" } });
  const tenants = await writeBillingMonths((statement, values) => core.db.pool.query(statement, values), {
    repositoryId: repository.id,
    from: new Date("2026-08-01T00:00:00Z"),
    to: NOW,
    tenants: THREE_TENANTS,
    gaps: [[new Date("2026-10-14T08:00:00Z"), new Date("2026-10-14T14:00:00Z")]],
  });
  const ctx = core.ctx();
  const plan = await createPricePlan(ctx, { name: "Standard", description: "", currency: "EUR" });
  planId = plan.id;
  await setPlanVersion(ctx, { id: planId, validFrom: "2026-09", minimum: "25", rates: [...RATES] });
  for (const tenantId of tenants.values()) await assignPlan(ctx, { tenantId, validFrom: "2026-09", planId });
  await rollUpUsage(ctx);
  await computeStatements(ctx);
  const { items } = await listStatements(ctx, { month: MONTH, limit: 50 });
  const id = items.find(({ customerId }) => customerId === "PL-0042")?.id ?? "";
  draft = await getStatement(ctx, { id });
});

const sum = (values: readonly string[]) => values.reduce((all, value) => all.plus(value), new Decimal(0));
// The type of csv-parse does not know that columns: true gives records of text.
const rowsOf = (bytes: Buffer) => parse(bytes, { columns: true }) as Record<string, string>[];
const column = (rows: Record<string, string>[], name: string) => rows.map((row) => row[name] ?? "");

describe("a month's end", () => {
  it("comes to the same in the draft, in its lines, in every row of its days, and once it is final", async () => {
    const take = async () => {
      const days = await exportStatement(core.ctx(), { id: draft.id, form: "days", format: "csv" });
      const lines = await exportStatement(core.ctx(), { id: draft.id, form: "summary", format: "csv" });
      return { days: rowsOf(await bytesOf(days.body)), lines: rowsOf(await bytesOf(lines.body)) };
    };
    const before = await take();
    expect(sum(column(before.lines, "amount")).toFixed(2)).toBe(new Decimal(draft.total).toFixed(2));
    expect(before.days).toHaveLength(3 * 31);
    const seconds = Number(before.days[0]?.month_seconds);
    // October in Warsaw has an hour more than its days say.
    expect(seconds).toBe(31 * 86_400 + 3600);
    const stored = sum(column(before.days, "stored_byte_seconds")).div(1e9).div(seconds).toDecimalPlaces(9);
    const charged = sum(before.lines.filter((line) => line.meter === "stored").map((line) => line.quantity ?? ""));
    expect(stored.toFixed()).toBe(charged.toFixed());
    expect(sum(column(before.days, "missing_hours")).toFixed()).toBe("18");

    const final = await finaliseStatement(core.ctx(), { id: draft.id });
    expect([final.state, final.number, final.total]).toEqual(["final", 1, draft.total]);
    const after = await take();
    const without = (rows: Record<string, string>[]) => rows.map(({ statement, state, ...row }) => row);
    expect(without(after.days)).toEqual(without(before.days));
    expect(without(after.lines)).toEqual(without(before.lines));
    const mails = await core.db.prisma.delivery.findMany({ where: { subjectId: draft.id } });
    expect(mails.map(({ targets, event }) => [event, targets])).toEqual([["final", ["billing@zolw.example"]]]);
  });

  it("tries prices without setting them", async () => {
    const same = { id: planId, tenantId: draft.tenantId, month: MONTH, minimum: "25", rates: [...RATES] };
    expect((await previewPlan(core.ctx(), same)).tried.total).toBe(draft.total);
    const free = await previewPlan(core.ctx(), { ...same, minimum: "0", rates: [] });
    expect([free.tried.total, free.now?.total]).toEqual(["0.00", draft.total]);
    expect(await core.db.prisma.pricePlanVersion.count()).toBe(1);
    await expect(previewPlan(core.ctx(), { ...same, month: "2026-01" })).rejects.toMatchObject({ code: "not_found" });
  });

  it("exports the days of usage that the statement was made of", async () => {
    const input = { from: "2026-10-01", to: "2026-10-31", tenantId: draft.tenantId };
    const rows = rowsOf(await bytesOf((await exportUsage(core.ctx(), input)).body));
    const days = await core.db.prisma.statementDay.aggregate({
      where: { statementId: draft.id },
      _sum: { storedByteSeconds: true },
    });
    expect(rows).toHaveLength(3 * 31);
    expect(sum(column(rows, "stored_byte_seconds")).toFixed()).toBe(days._sum.storedByteSeconds?.toFixed());
    const other = await exportUsage(core.ctx(), { ...input, agentId: rows[0]?.agent_id });
    expect(rowsOf(await bytesOf(other.body))).toHaveLength(31);
  });

  it("says nothing of a repository that cannot be reached", async () => {
    expect(await getStorageOutlook(core.ctx())).toEqual({ repositories: [] });
  });
});
