import { parse } from "csv-parse/sync";
import { beforeAll, describe, expect, it } from "vitest";
import { withTransaction } from "@/lib/db/transaction";
import {
  AuditEntry,
  ExportAuditInput,
  exportAudit,
  getAuditStanding,
  SearchAuditInput,
  searchAudit,
  verifyAudit,
  writeAudit,
} from "@/lib/engine/audit";
import { PeerCore } from "@/tests/support/peer-core";

const core = await PeerCore.start("search");
const find = async (filter: Partial<SearchAuditInput> = {}) => searchAudit(core.ctx(), SearchAuditInput.parse(filter));
const subjects = async (filter: Partial<SearchAuditInput>) => (await find(filter)).items.map(({ subject }) => subject);

beforeAll(async () => {
  const entries = [
    ["pairing.approve", "p-1", "ann", "browser", "done", "", { peer: "Vault" }],
    ["pairing.deny", "p-2", "bob", "api", "done", "", {}],
    ["agent.delete", "a-1", "ann", "cbr", "failed", "It is in use.", { name: "=cmd|' /C calc'!A0" }],
    ["call.deleteAgent", "a-1", "bob", "browser", "refused", "Your role may not.", {}],
    ["pairing_x.approve", "p-3", "ann", "browser", "done", "", {}],
  ] as const;
  for (const [index, [action, subject, name, door, result, reason, detail]] of entries.entries()) {
    const actor = { kind: "account", accountId: name, name: `${name}@example.com`, role: "engineer", door } as const;
    const ctx = { ...core.ctx(actor), now: () => new Date(Date.UTC(2026, 0, 1 + index)), address: `192.0.2.${index}` };
    await withTransaction(core.db, (tx) => writeAudit(tx, ctx, action, subject, detail, { result, reason }));
  }
});

describe("a search of the audit trail", () => {
  it("answers newest first, with everything that is known of an entry", async () => {
    const page = await find();
    expect(page.items.map(({ subject }) => subject)).toEqual(["p-3", "a-1", "a-1", "p-2", "p-1"]);
    expect(page).toMatchObject({ nextCursor: null, searchedTo: null });
    expect(page.items[4]).toEqual({
      id: expect.any(String),
      at: "2026-01-01T00:00:00.000Z",
      actor: "account:ann@example.com (browser)",
      actorKind: "account",
      actorId: "ann",
      action: "pairing.approve",
      subject: "p-1",
      door: "browser",
      address: "192.0.2.0",
      requestId: "",
      result: "done",
      reason: "",
      detail: { peer: "Vault" },
      position: 1,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it.each([
    [{ action: "pairing.approve" }, ["p-1"]],
    [{ action: "pairing." }, ["p-2", "p-1"]],
    [{ action: "pairing" }, ["p-3", "p-2", "p-1"]],
    [{ action: "%" }, []],
    [{ actor: "BOB@" }, ["a-1", "p-2"]],
    [{ actor: "nobody" }, []],
    [{ actor: "ann", action: "pairing." }, ["p-1"]],
    [{ subject: "a-1" }, ["a-1", "a-1"]],
    [{ subject: "a-1", result: "failed" }, ["a-1"]],
    [{ result: "done", door: "browser" }, ["p-3", "p-1"]],
    [{ result: "refused" }, ["a-1"]],
    [{ door: "veeam" }, []],
    [{ from: "2026-01-02T00:00:00Z", to: "2026-01-03T00:00:00Z" }, ["p-2"]],
    [{ from: "2026-01-02T00:00:00+02:00", to: "2026-01-02T00:00:00Z" }, []],
    [{ action: "pairing.", to: "2026-01-02T00:00:00Z" }, ["p-1"]],
    [{ text: "vault" }, ["p-1"]],
    [{ text: "192.0.2.3" }, ["a-1"]],
    [{ text: "in USE" }, ["a-1"]],
    [{ text: "' or 1=1 --" }, []],
  ] as [Partial<SearchAuditInput>, string[]][])("with %j finds %j", async (filter, found) => {
    expect(await subjects(filter)).toEqual(found);
  });

  it.each([{}, { action: "pairing" }, { actor: "example" }, { text: "192" }])(
    "in pages, with %j, shows each entry once",
    async (filter) => {
      const whole = await subjects(filter);
      const seen: string[] = [];
      for (let cursor: string | undefined; ; ) {
        const page = await find({ ...filter, limit: 2, cursor });
        seen.push(...page.items.map(({ subject }) => subject));
        if (page.nextCursor === null) break;
        cursor = page.nextCursor;
      }
      expect(seen).toEqual(whole);
    },
  );

  it("refuses a cursor that it did not give out", async () => {
    for (const cursor of ["x", "1", "1.x", "99999999999999999999.1", "-1.1"])
      await expect(find({ cursor })).rejects.toMatchObject({ code: "invalid_input" });
  });
});

describe("an export of the audit trail", () => {
  const read = async (input: Partial<ExportAuditInput>) => {
    const parts: Uint8Array[] = [];
    for await (const part of await exportAudit(core.ctx(), ExportAuditInput.parse(input))) parts.push(part);
    return Buffer.concat(parts).toString("utf8");
  };

  it("as CSV has a row for each entry, and no cell that a spreadsheet takes for a formula", async () => {
    const rows = parse(await read({ format: "csv", to: "2026-02-01T00:00:00Z" }), { columns: true }) as Record<
      string,
      string
    >[];
    expect(rows.map(({ position }) => position)).toEqual(["5", "4", "3", "2", "1"]);
    expect(rows[2]).toMatchObject({
      action: "agent.delete",
      result: "failed",
      detail: `{"name":"=cmd|' /C calc'!A0"}`,
    });
    const ctx = core.ctx({ kind: "account", accountId: "1", name: "e", role: "administrator" });
    await withTransaction(core.db, (tx) =>
      writeAudit(tx, ctx, "x.formula", "=HYPERLINK(1)", {}, { result: "refused", reason: '+1\n",' }),
    );
    const [formula] = parse(await read({ format: "csv", action: "x.formula" }), { columns: true }) as Record<
      string,
      string
    >[];
    expect(formula).toMatchObject({ subject: "'=HYPERLINK(1)", reason: "'+1\n\"," });
  });

  it("as JSON lines has one whole entry a line", async () => {
    const lines = (await read({ format: "jsonl", action: "pairing." })).trim().split("\n");
    const entries = lines.map((line) => AuditEntry.omit({ id: true }).parse(JSON.parse(line)));
    expect(entries.map(({ subject }) => subject)).toEqual(["p-2", "p-1"]);
  });

  it("is itself an entry, with what was asked for, also when nobody reads on", async () => {
    await exportAudit(core.ctx(), { format: "jsonl", result: "refused" });
    const [entry] = (await find({ action: "audit.export", limit: 1 })).items;
    expect(entry?.detail).toEqual({ format: "jsonl", result: "refused" });
  });
});

describe("the trail's standing", () => {
  it("says how far it was verified, and what is wrong", async () => {
    expect((await getAuditStanding(core.ctx())).verification).toBeNull();
    const { head } = await verifyAudit(core.ctx(), { restart: false });
    expect(await getAuditStanding(core.ctx())).toMatchObject({
      head,
      verification: { state: "sound", position: head, finding: null },
    });
    await core.db.pool.query(
      "begin; set local session_replication_role = replica; update audit_entry set reason = 'x' where position = 3; commit",
    );
    await verifyAudit(core.ctx(), { restart: true });
    expect(await getAuditStanding(core.ctx())).toMatchObject({
      verification: { state: "broken", position: 2, finding: { kind: "changed", position: 3 } },
    });
  });
});
