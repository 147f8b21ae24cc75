import { Client } from "pg";
import { openDatabase } from "@/lib/db/client";
import { RecordWriter } from "@/lib/engine/records/write";
import { commitInto } from "@/lib/engine/recovery-points/commit";
import { ensureDomain } from "@/lib/engine/repositories";
import { engineContext, faulty, manifestOf, noise, pointOf } from "../records/store";

/**
 * A capture in small that kills itself, with no chance to clean up, right before its step number KILL_AT: a step is each call
 * to the storage and each statement to Postgres. Says how many steps there were when it comes to its end.
 */
const setting = (name: string) => process.env[name] ?? "";
const killAt = Number(setting("KILL_AT"));
let steps = 0;
const step = () => {
  if (++steps === killAt) process.kill(process.pid, "SIGKILL");
};

const db = openDatabase(setting("DATABASE_URL"), 4);
const ctx = engineContext(db);
const opened = await ensureDomain(ctx, { repositoryId: setting("REPOSITORY_ID"), tenantId: setting("TENANT_ID") });
const domain = { ...opened, storage: faulty(opened.storage, step) };
const query = Client.prototype.query;
Client.prototype.query = function counted(this: Client, ...args: unknown[]) {
  step();
  // The overloads of pg's query all end in the one method that is called here as it was.
  return (query as (...all: unknown[]) => unknown).apply(this, args);
} as typeof query;

const records = [0, 1, 2].map((i) => noise(`crash ${i}`, 300_000));
const writer = new RecordWriter(ctx, domain, {});
const keys = [];
for (const record of records) keys.push(await writer.put(record));
await writer.finish();
const manifest = await manifestOf(domain, keys, setting("IMAGE_ID"));
const agent = { agentId: setting("AGENT_ID"), volumeId: setting("VOLUME_ID") };
await commitInto(ctx, domain, { ...pointOf(domain, agent, manifest, records), id: setting("POINT_ID") });
process.send?.({ steps });
await db.close();
process.disconnect?.();
