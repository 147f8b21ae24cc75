import "server-only";
import { type Database, openDatabase } from "@/lib/db/client";
import type { Actor, EngineContext } from "@/lib/engine/context";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { peerGateway } from "@/lib/peer/gateway";
import { createQueue } from "@/lib/queue";

interface Process {
  db: Database;
  queue: ReturnType<typeof createQueue>;
}

// Next compiles each route on its own; what a process has once must hang on globalThis.
const shared = globalThis as typeof globalThis & { twincoreProcess?: Process };

function processWide(): Process {
  if (!shared.twincoreProcess) {
    const db = openDatabase(env().databaseUrl);
    shared.twincoreProcess = { db, queue: createQueue(db, log) };
  }
  return shared.twincoreProcess;
}

/** The EngineContext of this process for one caller: how the doors reach the engine. */
export function engineContext(actor: Actor, requestId?: string): EngineContext {
  const { db, queue } = processWide();
  const { secret, peerUrl, vendorUrl, home } = env();
  const now = () => new Date();
  const reach = { peerUrl, vendorUrl, peers: peerGateway };
  return { actor, db, enqueue: queue.enqueue, log, now, secret, requestId, home, ...reach };
}
