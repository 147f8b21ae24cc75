import "server-only";
import { PrismaPg } from "@prisma/adapter-pg";
import { Pool, types } from "pg";
import { log } from "@/lib/log";
import { PrismaClient } from "@/prisma/generated/client";
import { type Scope, ScopedDatabases } from "./scoped";

/** Only for our own pool: Prisma reads bigint columns itself and expects the driver's default. */
const parsers = {
  getTypeParser: (oid: number, format?: "text" | "binary") =>
    oid === types.builtins.INT8 && format !== "binary" ? BigInt : types.getTypeParser(oid, format),
};

/** Everything a process needs to reach Postgres: Prisma for the usual, the pool for hot paths and LISTEN. */
export interface Database {
  readonly prisma: PrismaClient;
  readonly pool: Pool;
  readonly url: string;
  /** The same database as an account sees it that is bound to tenants: no row of another one, whatever is asked. Kept for its next request. */
  scoped(scope: Scope): Database;
  close(): Promise<void>;
}

export type Tx = Omit<PrismaClient, "$connect" | "$disconnect" | "$on" | "$transaction" | "$extends">;

/** Opens both ways to the database. `connectionsMax` bounds each of the two pools; `options` are settings of each connection. */
export function openDatabase(url: string, connectionsMax = 10, options?: string): Database {
  const connection = { connectionString: url, max: connectionsMax, connectionTimeoutMillis: 10_000, options };
  const pool = new Pool({ ...connection, keepAlive: true, types: parsers });
  // A pool emits the loss of an idle connection as an error event; without a listener that would end the process.
  pool.on("error", (error) => log.warn({ error: error.message }, "an idle database connection was lost"));
  const prisma = new PrismaClient({
    adapter: new PrismaPg(connection),
    omit: { account: { passwordHash: true, totpKey: true } },
  });
  const scopes = new ScopedDatabases((settings, connections) => openDatabase(url, connections, settings));
  const close = async () => {
    await scopes.close();
    await prisma.$disconnect();
    await pool.end();
  };
  // `omit` changes the inferred result types; callers that need the hash select it explicitly.
  return { prisma: prisma as unknown as PrismaClient, pool, url, scoped: (scope) => scopes.open(scope), close };
}
