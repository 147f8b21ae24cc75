import { randomBytes } from "node:crypto";
import { afterAll, inject } from "vitest";
import { type Database, openDatabase } from "@/lib/db/client";
import { withClient, withDatabase } from "./global-postgres";

/** An empty database of this test file with every migration applied; dropped when the file is done. */
export async function testDatabase(): Promise<Database> {
  const { url, drop } = await emptyDatabase(inject("templateDatabase"));
  const db = openDatabase(url);
  afterAll(async () => {
    await db.close();
    await drop();
  });
  return db;
}

/** A database cloned from `template`; with "template0" one without any table, for tests of the migrations themselves. */
export async function emptyDatabase(template = "template0"): Promise<{ url: string; drop: () => Promise<void> }> {
  const server = inject("postgresUrl");
  const name = `test_${randomBytes(8).toString("hex")}`;
  await withClient(server, (client) => client.query(`create database ${name} template ${template}`));
  // Force: a connection that a test left open must fail that test's own checks, not the clean-up.
  const drop = () =>
    withClient(server, async (client) => void (await client.query(`drop database ${name} with (force)`)));
  return { url: withDatabase(server, name), drop };
}
