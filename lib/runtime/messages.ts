import type { Role } from "./settings";

/** What a role process tells its supervisor, over the IPC channel. */
export type FromRole = { kind: "ready" } | { kind: "failed"; message: string };

/** What the supervisor tells a role process. */
export type ToRole = { kind: "stop" };

/** Variables by which the supervisor hands a role what it needs beyond lib/env.ts. */
export interface RoleEnvironment {
  TWINCORE_PROCESS_ROLE: Role;
  TWINCORE_CORE_ID: string;
  TWINCORE_LISTEN_HOST: string;
  TWINCORE_LISTEN_PORT: string;
  TWINCORE_HOST_NAMES: string;
  TWINCORE_DEV: "" | "1";
}

/** In-flight requests may take this long to finish after a stop is asked for. */
export const DRAIN_MS = 6_500;
/** After this the supervisor kills a role that has not ended by itself. */
export const ROLE_STOP_MS = 7_500;
/** What remains of ten seconds for Postgres. */
export const POSTGRES_STOP_MS = 2_000;
