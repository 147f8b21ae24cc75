import { createHash, randomBytes } from "node:crypto";
import { PrismaPg } from "@prisma/adapter-pg";
import {
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlResultSet,
} from "@prisma/driver-adapter-utils";
import { Client, type Pool, type QueryResult, types } from "pg";

/**
 * Prisma's Postgres adapter as its schema engine needs it. The adapter as shipped cuts scripts at every semicolon (also
 * inside comments and function bodies), opens the "shadow" database on the real one when given a URL, and refuses a
 * type of the catalog that the engine reads. Close it after use: the engine leaves its connections open.
 */
export class SchemaAdapterFactory implements SqlMigrationAwareDriverAdapterFactory {
  readonly provider = "postgres";
  readonly adapterName = "@prisma/adapter-pg";
  /** What Postgres said to the last failed script; the engine itself only reports a number. */
  scriptError: unknown;
  private readonly closers: (() => Promise<void>)[] = [];

  constructor(private readonly url: string) {}

  async connect(): Promise<SqlDriverAdapter> {
    return this.open(this.url);
  }

  /** An empty database on the same server in which the engine replays migrations; dropped by close. */
  async connectToShadowDb(): Promise<SqlDriverAdapter> {
    const name = `twincore_shadow_${randomBytes(8).toString("hex")}`;
    await this.command(`create database ${name} template template0`);
    this.closers.push(() => this.command(`drop database if exists ${name} with (force)`));
    const url = new URL(this.url);
    url.pathname = `/${name}`;
    return this.open(url.toString());
  }

  /** Connections first, databases after them: the reverse of how they came. */
  async close(): Promise<void> {
    for (const close of this.closers.splice(0).reverse()) await close();
  }

  private async open(url: string): Promise<SqlDriverAdapter> {
    const adapter = await new PrismaPg({ connectionString: url, max: 2 }).connect();
    const pool: Pool = adapter.underlyingDriver();
    markCharacters(pool);
    const queryRaw = adapter.queryRaw.bind(adapter);
    let closed: Promise<void> | undefined;
    const close = () => {
      closed ??= pool.end();
      return closed;
    };
    this.closers.push(close);
    return Object.assign(adapter, {
      queryRaw: async (query: Parameters<typeof queryRaw>[0]) => unmarkCharacters(await queryRaw(query)),
      executeScript: async (script: string) => {
        await pool.query(withMark(script)).catch((error: unknown) => {
          this.scriptError = error;
          throw error;
        });
      },
      dispose: close,
    });
  }

  private async command(sql: string): Promise<void> {
    const client = new Client({ connectionString: this.url });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  }
}

/**
 * One simple query is one transaction. The mark that Prisma would set afterwards is set inside it, so that a start that is
 * killed in between leaves either a migration that is done and marked, or neither.
 */
function withMark(script: string): string {
  const checksum = createHash("sha256").update(script).digest("hex");
  return `${script}
;
do $mark$ begin
  if to_regclass('_prisma_migrations') is not null then
    update _prisma_migrations set finished_at = now(), applied_steps_count = 1
     where checksum = '${checksum}' and finished_at is null and rolled_back_at is null;
  end if;
end $mark$`;
}

// Type "char" with quotes, one byte, used by the catalog only: the adapter has no name for it and refuses the answer.
const INTERNAL_CHARACTER = 18;
// Tells such a column apart between the driver, where its type is known, and the engine, which wants it as a character.
const MARK = "\0char";

/** Lets the adapter take the catalog's characters for text, marked in their names. */
function markCharacters(pool: Pool): void {
  const query = pool.query.bind(pool) as (input: unknown) => Promise<QueryResult>;
  const marked = async (input: unknown) => {
    const result = await query(input);
    // A script of several statements answers with a list, and nobody reads it.
    for (const field of result.fields ?? []) {
      if (field.dataTypeID !== INTERNAL_CHARACTER) continue;
      field.dataTypeID = types.builtins.TEXT;
      field.name += MARK;
    }
    return result;
  };
  // The adapter calls the pool in this one of its many ways only.
  Object.assign(pool, { query: marked });
}

function unmarkCharacters(result: SqlResultSet): SqlResultSet {
  result.columnNames.forEach((name, column) => {
    if (!name.endsWith(MARK)) return;
    result.columnNames[column] = name.slice(0, -MARK.length);
    result.columnTypes[column] = ColumnTypeEnum.Character;
    // The empty one is a zero byte; as an empty string it would not be one character.
    for (const row of result.rows) if (row[column] === "") row[column] = "\0";
  });
  return result;
}
