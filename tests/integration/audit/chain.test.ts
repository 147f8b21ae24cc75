import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { withTransaction } from "@/lib/db/transaction";
import { verifyAuditTrail, writeAudit, writeCheckpoint } from "@/lib/engine/audit";
import { PeerCore } from "@/tests/support/peer-core";

const core = await PeerCore.start("audit");
const ctx = () => ({ ...core.ctx(), address: "192.0.2.7", requestId: "r-1" });
const verify = () => verifyAuditTrail(core.db, { secret: core.secret, home: core.home });
const log = path.join(core.home, "audit-checkpoints.log");

const write = (actions: string[], detail = {}) =>
  withTransaction(core.db, async (tx) => {
    for (const action of actions) await writeAudit(tx, ctx(), action, "s", detail);
  });

/** As a superuser does it who wants no trigger in the way. */
async function tamper(sql: string): Promise<void> {
  const client = await core.db.pool.connect();
  try {
    await client.query("begin; set local session_replication_role = replica;");
    await client.query(sql);
    await client.query("commit");
  } finally {
    client.release();
  }
}

async function positions(): Promise<number[]> {
  const { rows } = await core.db.pool.query<{ position: bigint }>(
    "select position from audit_entry order by position nulls first",
  );
  return rows.map(({ position }) => Number(position));
}

beforeEach(() =>
  write(["a.one", "a.two", "a.three", "a.four", "a.five", "a.six"], {
    ünicode: '€, 𝄞 " \\ \n',
    n: 1.5,
    list: [1, null],
  }),
);
afterEach(async () => {
  await tamper("delete from audit_entry; delete from audit_checkpoint");
  for (const file of [log, `${log}.1`]) rmSync(file, { force: true });
});

describe("the chain of the audit trail", () => {
  it("the database and TypeScript compute the same hashes, whatever characters an entry holds", async () => {
    const report = await verify();
    expect(report).toMatchObject({ state: "sound", head: 6, position: 6, finding: null });
    expect(report.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("entries of writers side by side stand in it without a gap; a transaction that is rolled back leaves none", async () => {
    const writers = Array.from({ length: 24 }, async (_, i) => {
      const work = withTransaction(core.db, async (tx) => {
        await writeAudit(tx, ctx(), `w.${i}`, "s");
        await writeAudit(tx, ctx(), `w.${i}`, "s");
        if (i % 4 === 0) throw new Error("rolled back");
      });
      await work.catch(() => undefined);
    });
    await Promise.all(writers);
    expect(await positions()).toEqual(Array.from({ length: 6 + 18 * 2 }, (_, i) => i + 1));
    expect((await verify()).state).toBe("sound");
  });

  it("an entry can be neither changed nor deleted, nor can all of them, nor can one be put in with a place of its own", async () => {
    const { prisma } = core.db;
    await expect(prisma.auditEntry.updateMany({ data: { reason: "x" } })).rejects.toThrow();
    await expect(prisma.auditEntry.updateMany({ data: { position: null, hash: null } })).rejects.toThrow();
    await expect(prisma.auditEntry.deleteMany({})).rejects.toThrow();
    await expect(prisma.$executeRaw`truncate audit_entry`).rejects.toThrow();
    const own = { actor: "x", action: "x", subject: "x", position: 99n, hash: Buffer.alloc(32) };
    await expect(prisma.auditEntry.createMany({ data: [own] })).rejects.toThrow();
    expect((await verify()).state).toBe("sound");
  });
});

describe("a trail that somebody with all rights on the database changed", () => {
  const changes = [
    ["actor", "'account:eve@example.com'"],
    ["actor_kind", "'system'"],
    ["actor_id", "'1'"],
    ["action", "'a.none'"],
    ["subject", "'t'"],
    ["door", "'cbr'"],
    ["address", "'192.0.2.8'"],
    ["request_id", "''"],
    ["result", "'failed'"],
    ["reason", "'because'"],
    ["detail", "'{}'"],
    ["at", "at + interval '1 millisecond'"],
    ["hash", "sha256('x')"],
  ] as const;
  it.each(changes)("a changed %s is found at its entry", async (column, value) => {
    await tamper(`update audit_entry set ${column} = ${value} where position = 3`);
    expect(await verify()).toMatchObject({ state: "broken", position: 2, finding: { kind: "changed", position: 3 } });
  });

  it("an entry missing in the middle is found, and the first when it is missing", async () => {
    await tamper("delete from audit_entry where position in (3, 4)");
    expect((await verify()).finding).toMatchObject({
      kind: "missing",
      position: 3,
      message: "Entries 3 to 4 are missing.",
    });
    await tamper("delete from audit_entry where position = 1");
    expect((await verify()).finding).toMatchObject({ kind: "missing", position: 1 });
  });

  it("two entries that changed places are found", async () => {
    await tamper("update audit_entry set position = 10 where position = 3");
    await tamper(
      "update audit_entry set position = 3 where position = 4; update audit_entry set position = 4 where position = 10",
    );
    expect((await verify()).finding).toMatchObject({ kind: "changed", position: 3 });
  });

  it("an entry without a place is found", async () => {
    await tamper("insert into audit_entry (actor, action, subject) values ('x', 'x.put-in', 'x')");
    expect((await verify()).finding).toMatchObject({ kind: "unchained", position: null });
  });

  it("a missing end is found by the checkpoint in the database, or by the one in the file", async () => {
    await writeCheckpoint(core.ctx());
    await tamper("delete from audit_entry where position > 4");
    const finding = { kind: "missing-tail", position: 5 };
    expect(await verifyAuditTrail(core.db, { secret: null })).toMatchObject({ finding });
    await tamper("delete from audit_checkpoint");
    expect(await verify()).toMatchObject({ finding, checkpoints: { database: 0, file: 1 } });
  });

  it("a chain that was written anew as a whole is found by a checkpoint, also when those in the database were removed", async () => {
    await writeCheckpoint(core.ctx());
    await tamper(rewriteFrom(2));
    await write(["a.later"]);
    expect((await verify()).finding).toMatchObject({ kind: "rewritten", position: 6 });
    await tamper("delete from audit_checkpoint");
    expect((await verify()).finding).toMatchObject({ kind: "rewritten", position: 6 });
    rmSync(log);
    // Nothing is left to know it by: the report says that no checkpoint was compared.
    expect(await verify()).toMatchObject({ state: "sound", checkpoints: { database: 0, file: null, newestAt: null } });
  });

  it("a checkpoint that was made without the core's key is found, in the database and in the file", async () => {
    await writeCheckpoint(core.ctx());
    await tamper("update audit_checkpoint set hash = sha256('x')");
    expect((await verify()).finding).toMatchObject({ kind: "forged-checkpoint", position: 6 });
    await tamper("delete from audit_checkpoint");
    expect((await verify()).state).toBe("sound");
    appendFileSync(log, readFileSync(log, "utf8").replace(" 6 ", " 5 "));
    expect((await verify()).finding).toMatchObject({ kind: "forged-checkpoint", position: 5 });
  });
});

describe("checkpoints", () => {
  it("one is made when the chain has grown, and none when it has not", async () => {
    await writeCheckpoint(core.ctx());
    await writeCheckpoint(core.ctx());
    expect(await core.db.prisma.auditCheckpoint.count()).toBe(1);
    await write(["a.more"]);
    await Promise.all([writeCheckpoint(core.ctx()), writeCheckpoint(core.ctx())]);
    expect(await core.db.prisma.auditCheckpoint.count()).toBe(2);
    expect(await verify()).toMatchObject({ state: "sound", checkpoints: { database: 2, keyed: true } });
  });

  it("a torn last line of the file is no finding; a full file is turned over and both are read", async () => {
    await writeCheckpoint(core.ctx());
    appendFileSync(log, "2026-01-01T00:00");
    expect(await verify()).toMatchObject({ state: "sound", checkpoints: { file: 1 } });
    appendFileSync(log, `\n${"x".repeat(1024 * 1024)}\n`);
    await write(["a.more"]);
    await writeCheckpoint(core.ctx());
    expect(existsSync(`${log}.1`)).toBe(true);
    expect(await verify()).toMatchObject({ state: "sound", checkpoints: { file: 2 } });
  });

  it("older than a week, one a day is kept", async () => {
    for (const ageDays of [9, 9, 8, 1]) {
      await write(["a.day"]);
      core.aheadMs = -ageDays * 24 * 3600_000;
      await writeCheckpoint(core.ctx());
    }
    core.aheadMs = 0;
    await write(["a.day"]);
    await writeCheckpoint(core.ctx());
    expect(await core.db.prisma.auditCheckpoint.count()).toBe(4);
  });

  it("a look that is stopped in time goes on where it was, and finds the same as one look", async () => {
    await core.db.pool.query(
      "insert into audit_entry (actor, action, subject) select 'a', 'b.many', i from generate_series(1, 2100) i",
    );
    await tamper("update audit_entry set reason = 'x' where position = 2050");
    const first = await verifyAuditTrail(core.db, { secret: null, isOver: () => true });
    expect(first).toMatchObject({ state: "going", position: 2_000, head: 2_106, finding: null });
    const from = { position: BigInt(first.position), hash: Buffer.from(first.hash, "hex") };
    const found = { state: "broken", position: 2_049, finding: { kind: "changed", position: 2_050 } };
    expect(await verifyAuditTrail(core.db, { secret: null, from })).toMatchObject(found);
    expect(await verify()).toMatchObject(found);
  });
});

/** The chain as somebody writes it who knows how it is computed: the subject of one entry changed, and all hashes from there on made anew. */
const rewriteFrom = (position: number) => `
  do $$ declare e audit_entry; last bytea; begin
    update audit_entry set subject = 'forged' where position = ${position};
    select hash into last from audit_entry where position = ${position - 1};
    for e in select * from audit_entry where position >= ${position} order by position loop
      last := audit_hash(last, e.position, e);
      update audit_entry set hash = last where id = e.id;
    end loop;
  end $$`;
