// Writes the migration that leads from the migrations so far to prisma/schema: node scripts/migration.mjs add_quota
// Read it before it is committed: Prisma cannot know that a renamed column is not a dropped and an added one.
import "./lib/node-version.mjs";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fail, say } from "./lib/say.mjs";
import { root } from "./lib/stamp.mjs";

const name = process.argv[2] ?? "";
if (!/^[a-z][a-z0-9_]{0,60}$/.test(name))
  fail("give the migration a name of small letters, digits and underscores, e.g. add_quota.");
const ensured = spawnSync(process.execPath, [path.join(root, "scripts/ensure.mjs"), "runtime"], { stdio: "inherit" });
if (ensured.status !== 0) process.exit(1);

const { migrationSql, removePostgres, startPostgres } = await import("../.build/postgres.mjs");
const home = mkdtempSync(path.join(tmpdir(), "twincore-migration-"));
const postgres = await startPostgres({ home, settings: { fsync: "off" } });
try {
  const sql = await migrationSql(postgres.url, root);
  if (sql === "") {
    say("The migrations already lead to this schema; there is nothing to write.");
  } else {
    const stamp = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
    const folder = path.join(root, "prisma/migrations", `${stamp}_${name}`);
    mkdirSync(folder);
    writeFileSync(path.join(folder, "migration.sql"), sql);
    say(`Wrote ${path.relative(root, folder)}/migration.sql. Read it before you commit it.`);
  }
} finally {
  await postgres.stop();
  removePostgres(home);
  rmSync(home, { recursive: true, force: true });
}
