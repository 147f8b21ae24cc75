import "server-only";
import { EventEmitter } from "node:events";
import { Client } from "pg";
import type { Database } from "@/lib/db/client";
import { log } from "@/lib/log";
import { EVENT_CHANNEL } from "./emit";

// After a lost connection: at once would spin while Postgres restarts, longer would make pages look dead.
const RECONNECT_MS = 1_000;

const shared = globalThis as typeof globalThis & { twincoreEvents?: EventEmitter };

/**
 * Calls `wake` whenever an event may have been written, until the returned function is called.
 * One Postgres connection listens for the whole process. A wake-up carries no event: the reader asks for what is new, so none is lost.
 * `said` may be RIGHTS_CHANGED.
 */
export function onEvents(db: Database, wake: (said?: string) => void): () => void {
  if (!shared.twincoreEvents) {
    shared.twincoreEvents = new EventEmitter();
    shared.twincoreEvents.setMaxListeners(0);
    listen(db, shared.twincoreEvents);
  }
  const emitter = shared.twincoreEvents;
  emitter.on("wake", wake);
  return () => emitter.off("wake", wake);
}

function listen(db: Database, emitter: EventEmitter): void {
  const client = new Client({ connectionString: db.url, keepAlive: true });
  let lost = false;
  const again = () => {
    if (lost) return;
    lost = true;
    client.end().catch(() => undefined);
    setTimeout(() => listen(db, emitter), RECONNECT_MS).unref();
  };
  client.on("notification", ({ payload }) => emitter.emit("wake", payload));
  client.on("error", again);
  client.on("end", again);
  client
    .connect()
    .then(() => client.query(`listen ${EVENT_CHANNEL}`))
    .then(() => emitter.emit("wake"))
    .catch((error: Error) => {
      log.warn({ error: error.message }, "cannot listen for events; trying again");
      again();
    });
}
