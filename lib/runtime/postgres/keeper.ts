import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, statSync, truncateSync } from "node:fs";
import { totalmem } from "node:os";
import { TwincoreError } from "@/lib/errors";
import type { Account } from "./account";
import type { Binaries } from "./binaries";
import type { Place } from "./place";

/**
 * A watcher holds the other end of a pipe from us, and `exec` gives the shell's own pid to Postgres. When we end in any
 * way, kill -9 included, the pipe closes and the watcher stops Postgres; the doubled brackets hand the watcher to init,
 * so that Postgres never has a child it does not know.
 */
const KEEPER = `
exec 3<&0
( (
  read -r word <&3
  [ "$word" = gone ] && exit 0
  kill -INT $$ || exit 0
  i=0; while [ $i -lt 100 ]; do kill -0 $$ 2>/dev/null || exit 0; sleep 0.1; i=$((i+1)); done
  kill -QUIT $$; sleep 3; kill -KILL $$
) >/dev/null 2>&1 & )
exec 3<&-
exec "$@" </dev/null
`;

const LOG_BYTES_MAX = 8 * 1024 * 1024;

export interface PostgresOptions {
  place: Place;
  binaries: Binaries;
  account: Account | null;
  port: number;
  /** Settings that differ from ours, e.g. fsync=off for tests. */
  settings?: Record<string, string>;
}

/** Starts one Postgres process with its watcher. `end` tells the watcher that this Postgres has ended by itself. */
export function spawnPostgres(options: PostgresOptions): { child: ChildProcess; end: () => void } {
  const { place, binaries, account } = options;
  const logFile = openLog(place.logFile);
  try {
    const child = spawn("/bin/sh", ["-c", KEEPER, "postgres-keeper", binaries.postgres, ...flags(options)], {
      ...account,
      cwd: place.folder,
      // Ctrl-C in a terminal reaches the whole group: Postgres must outlive the roles that drain.
      detached: true,
      stdio: ["pipe", logFile, logFile],
      env: { ...process.env, LC_ALL: "C", TZ: "UTC" },
    });
    child.stdin?.on("error", () => undefined);
    child.on("error", () => undefined);
    return { child, end: () => child.stdin?.end("gone\n") };
  } catch (cause) {
    throw new TwincoreError(
      "unavailable",
      "This machine does not let root start Postgres under another account. Start Twincore as an ordinary user, or set DATABASE_URL.",
      { cause },
    );
  } finally {
    closeSync(logFile);
  }
}

function flags({ place, port, settings }: PostgresOptions): string[] {
  const all: Record<string, string> = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    port: String(port),
    max_connections: "100",
    shared_buffers: totalmem() > 6 * 1024 ** 3 ? "256MB" : "128MB",
    work_mem: "16MB",
    maintenance_work_mem: "128MB",
    max_wal_size: "2GB",
    wal_compression: "on",
    checkpoint_timeout: "10min",
    // Short statements of an OLTP load: compiling them costs more than it gains.
    jit: "off",
    random_page_cost: "1.1",
    // A dead client (killed role, cut network) must not hold its locks for the two hours TCP would wait.
    tcp_keepalives_idle: "30",
    idle_in_transaction_session_timeout: "10min",
    log_min_messages: "warning",
    log_line_prefix: "%m [%p] ",
    ...settings,
  };
  return ["-D", place.dataFolder, ...Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`])];
}

function openLog(file: string): number {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LOG_BYTES_MAX) truncateSync(file);
  return openSync(file, "a", 0o600);
}

/** The last lines Postgres wrote, for the message of a failed start. */
export function logTail(place: Place): string {
  return readFileSync(place.logFile, "utf8").trim().split("\n").slice(-4).join(" | ").slice(-600);
}
