import { randomUUID } from "node:crypto";
import { parse } from "csv-parse";
import { beforeAll, describe, expect, it } from "vitest";
import { databaseOf } from "@/lib/context";
import { exportStatement } from "@/lib/engine/statement-forms";
import type { StatementForm, StatementFormat } from "@/lib/engine/statement-forms/schemas";
import { type FinalStatement, withFinalStatement } from "@/tests/support/final-statement";
import { PeerCore } from "@/tests/support/peer-core";
import { bytesOf } from "@/tests/support/printed-statement";

const AGENTS = 150;
const DAYS = 31;
let core: PeerCore;
let large: FinalStatement;
let other: FinalStatement;

beforeAll(async () => {
  core = await PeerCore.start("msp");
  large = await withFinalStatement(core, { name: "Large", agents: AGENTS, number: 1 });
  other = await withFinalStatement(core, { name: "Other", agents: 2, number: 2 });
});

const take = (id: string, form: StatementForm, format: StatementFormat) =>
  exportStatement(core.ctx(), { id, form, format }).then(({ body }) => bytesOf(body));

/** Byte-seconds of agents 1…n over a month of 31 days. */
const expected = (agents: number) => 86_400n * 1_000_000n * BigInt((agents * (agents + 1)) / 2) * BigInt(DAYS);

describe("a statement that is taken out of the core", () => {
  it("has every agent on every day exactly once, read in batches", async () => {
    const { body } = await exportStatement(core.ctx(), { id: large.id, form: "days", format: "csv" });
    const parser = parse({ columns: true });
    let pieces = 0;
    const writing = (async () => {
      for await (const piece of body) {
        pieces++;
        parser.write(piece);
      }
      parser.end();
    })();
    let sum = 0n;
    const seen = new Set<string>();
    for await (const row of parser as AsyncIterable<Record<string, string>>) {
      sum += BigInt(row.stored_byte_seconds ?? "0");
      seen.add(`${row.agent_id} ${row.day}`);
    }
    await writing;
    expect(seen.size).toBe(AGENTS * DAYS);
    expect(sum).toBe(expected(AGENTS));
    expect(pieces).toBeGreaterThan(4);
  });

  it("comes to the same by agent", async () => {
    const { agents } = JSON.parse((await take(large.id, "usage", "json")).toString("utf8"));
    expect(agents).toHaveLength(AGENTS);
    const sum = agents.reduce(
      (all: bigint, one: { storedByteSeconds: string }) => all + BigInt(one.storedByteSeconds),
      0n,
    );
    expect(sum).toBe(expected(AGENTS));
    expect(agents.every((one: { days: number }) => one.days === DAYS)).toBe(true);
  });

  it.each(["csv", "json", "pdf"] as const)("has the same bytes each time once it is final (%s)", async (format) => {
    expect((await take(other.id, "days", format)).equals(await take(other.id, "days", format))).toBe(true);
  });

  it("stands in the audit trail with its form, before the first byte", async () => {
    await exportStatement(core.ctx(), { id: other.id, form: "usage", format: "json" });
    const entry = await core.db.prisma.auditEntry.findFirst({
      where: { action: "statement.export", subject: other.id },
      orderBy: { id: "desc" },
    });
    expect(entry?.detail).toEqual({ form: "usage", format: "json", tenant: "Other", month: "2026-10", number: 2 });
  });

  it("is not there for an account of another tenant, and for nobody when there is none", async () => {
    const account = { kind: "account", accountId: randomUUID(), name: "b@example.com", role: "billing" } as const;
    const actor = { ...account, tenantIds: [other.tenantId] };
    const ctx = { ...core.ctx(actor), db: databaseOf(core.db, actor) };
    const input = { form: "summary", format: "csv" } as const;
    await expect(exportStatement(ctx, { id: large.id, ...input })).rejects.toMatchObject({ code: "not_found" });
    await expect(exportStatement(core.ctx(), { id: randomUUID(), ...input })).rejects.toMatchObject({
      code: "not_found",
    });
    const own = await exportStatement(ctx, { id: other.id, form: "days", format: "csv" });
    expect((await bytesOf(own.body)).toString("utf8").split("\r\n")).toHaveLength(2 * DAYS + 2);
  });
});
