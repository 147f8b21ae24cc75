import { createHash } from "node:crypto";
import { Client } from "pg";
import { TwincoreError } from "@/lib/errors";
import { EVERYTHING, readMigrations, readSchemaFiles, withSchemaEngine } from "./schema-engine";

// "twin" in ASCII; any number serves as long as every node uses the same one.
export const ADVISORY_LOCK = 0x7477_696e;
// Another node may be applying a long migration; after this somebody should look at it.
const LOCK_WAIT_SECONDS = 600;

/**
 * Brings the database to this version's schema. Any number of nodes may call it at once: one applies, the others wait
 * and find nothing to do. Returns the names applied by this call. Throws `conflict` when the database is newer than
 * this version or a migration fails; a migration that failed or broke off has done nothing and is tried again by the next call.
 */
export async function applyMigrations(url: string, root: string): Promise<string[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  // The loss of this connection also ends the lock; the query that follows reports it.
  client.on("error", () => undefined);
  await client.connect();
  try {
    if ((await pendingMigrations(client, root)).length === 0) return [];
    await client.query(`set lock_timeout = '${LOCK_WAIT_SECONDS}s'`);
    await client.query("select pg_advisory_lock($1)", [ADVISORY_LOCK]);
    // Nobody else is at work now, and a migration takes effect wholly or not at all: these took none.
    if (await hasTable(client)) await client.query(`delete from _prisma_migrations where ${UNFINISHED}`);
    if ((await pendingMigrations(client, root)).length === 0) return [];
    return await applyAll(url, root);
  } finally {
    await client.end();
  }
}

async function applyAll(url: string, root: string): Promise<string[]> {
  try {
    const input = { migrationsList: readMigrations(root), filters: EVERYTHING };
    return (await withSchemaEngine(url, (engine) => engine.applyMigrations(input))).appliedMigrationNames;
  } catch (cause) {
    throw new TwincoreError(
      "internal",
      `A migration of the database failed, and nothing was started: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
}

/** The migrations of this version that the database does not have yet, oldest first. */
export async function pendingMigrations(client: Pick<Client, "query">, root: string): Promise<string[]> {
  const applied = await appliedMigrations(client);
  const own = new Map(readMigrations(root).migrationDirectories.map((one) => [one.path, one.migrationFile.content]));
  for (const { name, checksum } of applied) {
    const content = own.get(name);
    if (!content)
      throw new TwincoreError(
        "conflict",
        `The database has the migration ${name}, which this version of Twincore does not know: it was used by a newer version. Start that version.`,
      );
    if (content.tag === "ok" && createHash("sha256").update(content.value).digest("hex") !== checksum)
      throw new TwincoreError(
        "conflict",
        `The migration ${name} was changed after it had been applied to this database. Migrations are never edited; add a new one.`,
      );
  }
  const names = new Set(applied.map((one) => one.name));
  return [...own.keys()].filter((name) => !names.has(name));
}

interface AppliedMigration {
  name: string;
  checksum: string;
}

const UNFINISHED = "finished_at is null and rolled_back_at is null";

async function appliedMigrations(client: Pick<Client, "query">): Promise<AppliedMigration[]> {
  if (!(await hasTable(client))) return [];
  const { rows } = await client.query<AppliedMigration>(
    `select migration_name as name, checksum
       from _prisma_migrations where finished_at is not null and rolled_back_at is null order by started_at`,
  );
  return rows;
}

async function hasTable(client: Pick<Client, "query">): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>(
    "select to_regclass('_prisma_migrations') is not null as found",
  );
  return rows[0]?.found ?? false;
}

/**
 * The SQL that leads from the migrations to the schema: what a new migration must hold, and "" when the two agree.
 * The engine replays the migrations in a throw-away database on the same server.
 */
export async function migrationSql(url: string, root: string): Promise<string> {
  const migrations = readMigrations(root);
  const { stdout, exitCode } = await withSchemaEngine(url, (engine) =>
    engine.diff({
      from: migrations.migrationDirectories.length === 0 ? { tag: "empty" } : { tag: "migrations", ...migrations },
      to: { tag: "schemaDatamodel", files: readSchemaFiles(root) },
      script: true,
      exitCode: true,
      filters: EVERYTHING,
    }),
  );
  return exitCode === 0 ? "" : (stdout ?? "");
}
