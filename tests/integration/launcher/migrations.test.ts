import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { ADVISORY_LOCK, applyMigrations, migrationSql, pendingMigrations } from "@/lib/db/migrate";
import { readMigrations } from "@/lib/db/schema-engine";
import { findRoot } from "@/lib/runtime/root";
import { emptyDatabase, testDatabase } from "@/tests/support/database";
import { withClient } from "@/tests/support/global-postgres";
import { eventually } from "@/tests/support/processes";

const root = findRoot();

test("the migrations lead to exactly the schema", async () => {
  const { url, drop } = await emptyDatabase();
  expect(await migrationSql(url, root)).toBe("");
  await drop();
});

test("many nodes that start at once apply each migration once", async () => {
  const { url, drop } = await emptyDatabase();
  const applied = await Promise.all(Array.from({ length: 6 }, () => applyMigrations(url, root)));
  const all = readMigrations(root).migrationDirectories.map((one) => one.path);
  expect(applied.flat().sort()).toEqual(all);
  const rows = await withClient(url, (client) =>
    client.query("select migration_name from _prisma_migrations order by 1"),
  );
  expect(rows.rows.map((row) => row.migration_name)).toEqual(all);
  await drop();
});

test("a node that starts while another one migrates waits for it", async () => {
  const { url, drop } = await emptyDatabase();
  await applyMigrations(url, root);
  // The other node: it holds the lock, and its row says that a migration has begun.
  await withClient(url, async (other) => {
    await other.query("select pg_advisory_lock($1)", [ADVISORY_LOCK]);
    await other.query("update _prisma_migrations set finished_at = null");
    const waiting = applyMigrations(url, root);
    await eventually(async () => {
      const { rowCount } = await other.query("select 1 from pg_locks where locktype = 'advisory' and not granted");
      return rowCount === 1;
    });
    await other.query("update _prisma_migrations set finished_at = now()");
    await other.query("select pg_advisory_unlock($1)", [ADVISORY_LOCK]);
    expect(await waiting).toEqual([]);
  });
  await drop();
});

test("a migration that fails in the middle leaves nothing, and is tried again by the next start", async () => {
  const { url, drop } = await emptyDatabase();
  const copy = mkdtempSync(path.join(tmpdir(), "twincore-migrations-"));
  cpSync(path.join(root, "prisma/migrations"), path.join(copy, "prisma/migrations"), { recursive: true });
  const second = path.join(copy, "prisma/migrations/29990101000000_second");
  mkdirSync(second);
  writeFileSync(path.join(second, "migration.sql"), "create table half (id int); select 1 / 0;");
  await expect(applyMigrations(url, copy)).rejects.toThrow("division by zero");
  const halves = () => withClient(url, (client) => client.query("select to_regclass('half') as found"));
  expect((await halves()).rows).toEqual([{ found: null }]);
  writeFileSync(path.join(second, "migration.sql"), "create table half (id int); -- no semicolon after a comment");
  expect(await applyMigrations(url, copy)).toEqual(["29990101000000_second"]);
  expect((await halves()).rows).toEqual([{ found: "half" }]);
  rmSync(copy, { recursive: true });
  await drop();
});

test("a start killed while it migrated is made good by the next one", async () => {
  const { url, drop } = await emptyDatabase();
  await applyMigrations(url, root);
  // What kill -9 leaves: the row that says "begun", and nothing else.
  await withClient(url, async (client) => {
    const { rows } = await client.query("select checksum, migration_name from _prisma_migrations limit 1");
    await client.query("drop schema public cascade; create schema public");
    await client.query(`create table _prisma_migrations (id varchar(36) primary key, checksum varchar(64) not null,
      finished_at timestamptz, migration_name varchar(255) not null, logs text, rolled_back_at timestamptz,
      started_at timestamptz not null default now(), applied_steps_count integer not null default 0)`);
    await client.query("insert into _prisma_migrations (id, checksum, migration_name) values ('1', $1, $2)", [
      rows[0].checksum,
      rows[0].migration_name,
    ]);
  });
  expect(await applyMigrations(url, root)).toEqual(readMigrations(root).migrationDirectories.map((one) => one.path));
  expect(await migrationSql(url, root)).toBe("");
  await drop();
});

test("a database used by a newer version is refused, by name", async () => {
  const { url, drop } = await emptyDatabase(undefined);
  await applyMigrations(url, root);
  await withClient(url, (client) =>
    client.query(
      `insert into _prisma_migrations (id, checksum, migration_name, finished_at, started_at)
       values ('later', 'x', '29990101000000_from_the_future', now(), now())`,
    ),
  );
  await expect(applyMigrations(url, root)).rejects.toThrow("29990101000000_from_the_future");
  await drop();
});

test("a migration that was edited after it had been applied is refused, by name", async () => {
  const { url, drop } = await emptyDatabase();
  await applyMigrations(url, root);
  await withClient(url, (client) => client.query("update _prisma_migrations set checksum = 'other'"));
  await expect(applyMigrations(url, root)).rejects.toThrow(readMigrations(root).migrationDirectories[0]?.path);
  await drop();
});

test("a test database starts with nothing left to migrate", async () => {
  const db = await testDatabase();
  expect(await withClient(db.url, (client) => pendingMigrations(client, root))).toEqual([]);
  expect(await db.prisma.core.count()).toBe(0);
});
