import "server-only";
import { PrismaPg } from "@prisma/adapter-pg";
import { Pool, types } from "pg";
import { log } from "@/lib/log";
import { PrismaClient } from "@/prisma/generated/client";

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
  close(): Promise<void>;
}

export type Tx = Omit<PrismaClient, "$connect" | "$disconnect" | "$on" | "$transaction" | "$extends">;

/** Opens both ways to the database. `connectionsMax` bounds each of the two pools. */
export function openDatabase(url: string, connectionsMax = 10): Database {
  const pool = new Pool({
    connectionString: url,
    max: connectionsMax,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    types: parsers,
  });
  // A pool emits the loss of an idle connection as an error event; without a listener that would end the process.
  pool.on("error", (error) => log.warn({ error: error.message }, "an idle database connection was lost"));
  const prisma = new PrismaClient({
    adapter: new PrismaPg({ connectionString: url, max: connectionsMax, connectionTimeoutMillis: 10_000 }),
    omit: { account: { passwordHash: true } },
  });
  const close = async () => {
    await prisma.$disconnect();
    await pool.end();
  };
  // `omit` changes the inferred result types; callers that need the hash select it explicitly.
  return { prisma: prisma as unknown as PrismaClient, pool, url, close };
}
