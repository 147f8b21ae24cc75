import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { Pool, types } from "pg";
import { readChain, readHead } from "@/lib/engine/audit/read-chain";
import { verifyAuditTrail } from "@/lib/engine/audit/verify";
import { TwincoreError } from "@/lib/errors";
import { type RuntimeState, readSecret } from "@/lib/runtime/home";
import { startPostgres } from "@/lib/runtime/postgres/start";
import { findRoot } from "@/lib/runtime/root";
import { readSettings, type Settings } from "@/lib/runtime/settings";

const HELP = `Looks at the audit trail of a core, running or stopped.

  npm run audit -- verify [--home <folder>] [--database-url <url>]
      computes the chain of all entries anew; ends with 0 when it is whole, with 1 when it is not
  npm run audit -- export [--home <folder>] [--database-url <url>]
      writes all entries as JSON, one a line, oldest first, to the standard output

The home and the database are found as by "npm start"; the built-in database of a stopped core is started for the look, and stopped again.
`;

/** How often the count is told to somebody who watches. */
const TELL_MS = 2_000;

async function main(): Promise<number> {
  const [verb, ...flags] = process.argv.slice(2);
  const settings = readSettings(flags, process.env, findRoot());
  if (!settings || (verb !== "verify" && verb !== "export")) {
    process.stdout.write(HELP);
    return settings ? 2 : 0;
  }
  const database = await openDatabase(settings);
  const pool = new Pool({ connectionString: database.url, max: 2, types: { getTypeParser } });
  pool.on("error", () => undefined);
  try {
    await assertChained(pool);
    return verb === "verify" ? await verify(pool, settings) : await exportAll(pool);
  } finally {
    await pool.end();
    await database.stop();
  }
}

/** Of a running core: its own. Of a stopped one: the built-in, started for as long as this takes. */
async function openDatabase({ home, databaseUrl }: Settings): Promise<{ url: string; stop: () => Promise<void> }> {
  const url = databaseUrl ?? runningUrl(home);
  if (url) return { url, stop: async () => undefined };
  if (!existsSync(path.join(home, "postgres")))
    throw new TwincoreError(
      "invalid_input",
      `There is no core in ${home}. Name its folder with --home, or its database with --database-url.`,
    );
  process.stderr.write("The core is stopped; starting its database …\n");
  return startPostgres({ home });
}

function runningUrl(home: string): string | null {
  const file = path.join(home, "runtime.json");
  if (!existsSync(file)) return null;
  // writeState of this version, or of one before, made it.
  const { pid, databaseUrl } = JSON.parse(readFileSync(file, "utf8")) as RuntimeState;
  try {
    process.kill(pid, 0);
    return databaseUrl;
  } catch {
    return null;
  }
}

/** Throws invalid_input for a database of a version that had no chain. */
async function assertChained(pool: Pool): Promise<void> {
  const { rowCount } = await pool.query(
    "select 1 from information_schema.columns where table_name = 'audit_checkpoint' and column_name = 'mac'",
  );
  if (rowCount === 0)
    throw new TwincoreError(
      "invalid_input",
      "This database has no chained audit trail yet. Start the core once, then ask again.",
    );
}

async function verify(pool: Pool, { home, secret: given }: Settings): Promise<number> {
  let toldAt = performance.now();
  const onProgress = (position: bigint, head: bigint) => {
    if (performance.now() - toldAt < TELL_MS) return;
    toldAt = performance.now();
    process.stderr.write(`${position} of ${head} entries …\n`);
  };
  const secret = given ?? (existsSync(home) ? readSecret(home) : null);
  const { state, position, hash, finding, checkpoints } = await verifyAuditTrail(
    { pool },
    { secret, home, onProgress },
  );
  const { database, file, keyed, newestAt } = checkpoints;
  const inFile = file === null ? "no file of them in the home" : `${file} in the file of the home`;
  const known = keyed ? "" : "; this core's key is not at hand, so that who made them is not known";
  const out = [
    state === "sound"
      ? `The audit trail is whole: ${position} entries.`
      : `BROKEN (${finding?.kind}): ${finding?.message}`,
    state === "sound" ? `Hash of the last one: ${hash || "none"}` : `Sound are the first ${position} entries.`,
    `Checkpoints: ${database} in the database, ${inFile}${newestAt ? `, the newest of ${newestAt}` : ""}${known}.`,
  ];
  process.stdout.write(`${out.join("\n")}\n`);
  return state === "sound" ? 0 : 1;
}

async function exportAll(pool: Pool): Promise<number> {
  const head = await readHead(pool);
  for await (const rows of readChain(pool, 0n, head.position)) {
    const lines = rows.map(({ id, position, hash, detail, ...entry }) =>
      JSON.stringify({ position: Number(position), ...entry, detail: JSON.parse(detail), hash: hash?.toString("hex") }),
    );
    if (!process.stdout.write(`${lines.join("\n")}\n`)) await once(process.stdout, "drain");
  }
  return 0;
}

const getTypeParser = (oid: number, format?: "text" | "binary") =>
  oid === types.builtins.INT8 && format !== "binary" ? BigInt : types.getTypeParser(oid, format);

// A reader that has seen enough, as head does, is no failure.
process.stdout.on("error", () => process.exit(0));
await main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    const known = error instanceof TwincoreError && error.code !== "internal";
    process.stderr.write(`${known ? error.message : error instanceof Error ? error.stack : error}\n`);
    process.exit(2);
  },
);
