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

/** What is known of a call beside who makes it. */
export interface CallOrigin {
  readonly requestId?: string;
  /** Where the caller is, by its socket. */
  readonly address?: string;
  /** "browser", "api", "unitrends"… */
  readonly door?: string;
  /** Of the row that is called: what is about the account itself is not looked for among its tenants. */
  readonly reach?: "core" | "tenant" | "own";
}

/** The EngineContext of this process for one caller: how the doors reach the engine. */
export function engineContext(actor: Actor, { requestId, address, door, reach }: CallOrigin = {}): EngineContext {
  const { db: whole, queue } = processWide();
  const db = reach === "own" ? whole : databaseOf(whole, actor);
  const { secret, peerUrl, vendorUrl, home } = env();
  const now = () => new Date();
  const urls = { peerUrl, vendorUrl, peers: peerGateway };
  return { actor, db, enqueue: queue.enqueue, log, now, secret, requestId, address, door, home, ...urls };
}

/** The database as this caller sees it: an account that is bound to tenants finds no row of another one, whatever is asked. */
export function databaseOf(whole: Database, actor: Actor): Database {
  if (actor.kind !== "account" || !actor.tenantIds) return whole;
  return whole.scoped({ accountId: actor.accountId, tenantIds: actor.tenantIds });
}
