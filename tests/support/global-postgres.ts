import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client } from "pg";
import type { TestProject } from "vitest/node";
import { applyMigrations } from "@/lib/db/migrate";
import { removePostgres, startPostgres } from "@/lib/runtime/postgres/start";
import { findRoot } from "@/lib/runtime/root";

declare module "vitest" {
  export interface ProvidedContext {
    /** URL of the run's Postgres; its database is the maintenance database, never a test's own. */
    postgresUrl: string;
    /** Database with every migration applied, to be cloned. */
    templateDatabase: string;
  }
}

const TEMPLATE = "twincore_template";

/** One Postgres for the whole run, on a random port in a temporary home: runs beside each other do not meet. */
export default async function setup(project: TestProject) {
  const home = mkdtempSync(path.join(tmpdir(), "twincore-test-"));
  // For root: lets the account of Postgres in, so that all of it lies here and goes with it.
  chmodSync(home, 0o711);
  // Durability against a power cut is not under test, and fsync would cost most of the time.
  const settings = {
    fsync: "off",
    synchronous_commit: "off",
    full_page_writes: "off",
    shared_buffers: "64MB",
    // A file may hold dozens of cores, each with two pools whose idle connections stay for ten seconds.
    max_connections: "800",
  };
  const postgres = await startPostgres({ home, settings });
  const teardown = async () => {
    await postgres.stop(3_000);
    removePostgres(home);
    rmSync(home, { recursive: true, force: true });
  };
  try {
    await withClient(postgres.url, (client) => client.query(`create database ${TEMPLATE}`));
    await applyMigrations(withDatabase(postgres.url, TEMPLATE), findRoot());
  } catch (error) {
    await teardown();
    throw error;
  }
  project.provide("postgresUrl", postgres.url);
  project.provide("templateDatabase", TEMPLATE);
  return teardown;
}

/** The same server, another database. */
export function withDatabase(url: string, database: string): string {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.toString();
}

export async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
