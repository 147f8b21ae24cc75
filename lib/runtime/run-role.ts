import { type Database, openDatabase } from "@/lib/db/client";
import { type Env, env } from "@/lib/env";
import { TwincoreError } from "@/lib/errors";
import { type Log, log } from "@/lib/log";
import { DRAIN_MS, type FromRole, type ToRole } from "./messages";
import { type RoleSettings, readRoleSettings } from "./role-environment";

export interface RoleContext {
  db: Database;
  env: Env;
  settings: RoleSettings;
  log: Log;
}

export interface RunningRole {
  /** Stops taking new work and resolves when what was in flight is finished, at the latest when `signal` is aborted. */
  stop(signal: AbortSignal): Promise<void>;
}

// The listener itself asks little of the database: certificates and readiness. Next's code has its own pools.
const CONNECTIONS_MAX = 2;

/** The life of a role process: start, tell the supervisor, and end with it or at its word. */
export function runRole(start: (context: RoleContext) => Promise<RunningRole>, connectionsMax = CONNECTIONS_MAX): void {
  process.stdout.on("error", () => undefined);
  // A role without its supervisor would be a process nobody stops; Postgres is going away at the same moment.
  process.on("disconnect", () => process.exit(1));
  // Ctrl-C in a terminal reaches every process of the group; the supervisor alone decides the order of the stop.
  process.on("SIGINT", () => undefined);
  process.on("SIGHUP", () => undefined);
  const stopAsked = new Promise<void>((resolve) => {
    process.on("message", (message: ToRole) => message.kind === "stop" && resolve());
    process.on("SIGTERM", () => resolve());
  });
  live(start, stopAsked, connectionsMax).then(
    () => process.exit(0),
    (error: unknown) => {
      log.error({ error: detailOf(error) }, "the role ended by an error");
      const message = error instanceof TwincoreError ? error.message : detailOf(error);
      tell({ kind: "failed", message }, () => process.exit(1));
    },
  );
}

async function live(
  start: (context: RoleContext) => Promise<RunningRole>,
  stopAsked: Promise<void>,
  connectionsMax: number,
): Promise<void> {
  const settings = readRoleSettings();
  const db = openDatabase(env().databaseUrl, connectionsMax);
  const role = await Promise.race([start({ db, env: env(), settings, log }), stopAsked]);
  // Stopped before it served anybody: there is nothing to drain.
  if (!role) return;
  tell({ kind: "ready" });
  await stopAsked;
  await role.stop(AbortSignal.timeout(DRAIN_MS));
}

function tell(message: FromRole, done: () => void = () => undefined): void {
  if (process.send && process.connected) process.send(message, done);
  else done();
}

function detailOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
