import { mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { systemCode, TwincoreError } from "@/lib/errors";
import { freePort } from "@/lib/runtime/ports";
import { tryLock } from "@/scripts/lib/lock.mjs";
import { findBinaries } from "./binaries";
import { ensureCluster, stopLeftover } from "./cluster";
import { logTail, type PostgresOptions, spawnPostgres } from "./keeper";
import { type Place, preparePlace, readPassword } from "./place";

export { removePlace as removePostgres } from "./place";

/** What happened to Postgres after its start, for the log of the supervisor. */
export type PostgresEvent = { kind: "died"; reason: string; retryMs: number } | { kind: "restarted"; pid: number };

export interface RunningPostgres {
  /** Of the database "twincore". Stays the same over restarts. */
  readonly url: string;
  pid(): number | null;
  /** Stops it within `boundMs` (default 10 s): politely first, then without a checkpoint, then by force. */
  stop(boundMs?: number): Promise<void>;
}

const BACKOFF_FIRST_MS = 200;
const BACKOFF_LAST_MS = 10_000;
// Crash recovery replays at most max_wal_size (2 GB); this is many times what that takes on a slow disk.
const READY_MS = 10 * 60_000;
const STOP_MS = 10_000;

/** Starts the built-in Postgres of a home, and starts it again when it dies. Throws when another process holds the home. */
export async function startPostgres(input: {
  home: string;
  settings?: Record<string, string>;
  onEvent?: (event: PostgresEvent) => void;
}): Promise<RunningPostgres> {
  mkdirSync(input.home, { recursive: true });
  const { place, account } = await preparePlace(input.home);
  const held = tryLock(place.lockFile);
  if (!held)
    throw new TwincoreError(
      "conflict",
      `Another process runs on the home ${input.home}. Stop it, or use another TWINCORE_HOME.`,
    );
  try {
    const binaries = await findBinaries(account);
    await stopLeftover(place);
    await ensureCluster(place, binaries, account);
    const port = await freePort("127.0.0.1");
    const keeper = new Keeper({ place, binaries, account, port, settings: input.settings }, input.onEvent);
    await keeper.start();
    return {
      url: keeper.url("twincore"),
      pid: () => keeper.pid,
      stop: async (boundMs = STOP_MS) => {
        await keeper.stop(boundMs);
        held.release();
      },
    };
  } catch (error) {
    held.release();
    throw error;
  }
}

class Keeper {
  private running: ReturnType<typeof spawnPostgres> | null = null;
  /** Resolves when the process has ended and will not be started again. */
  private done: Promise<void> = Promise.resolve();
  private stopping = false;
  private readonly wake = new AbortController();

  constructor(
    private readonly options: PostgresOptions,
    private readonly onEvent: (event: PostgresEvent) => void = () => undefined,
  ) {}

  get pid(): number | null {
    return this.running?.child.pid ?? null;
  }

  url(database: string): string {
    const password = readPassword(this.options.place.passwordFile);
    return `postgresql://twincore:${password}@127.0.0.1:${this.options.port}/${database}`;
  }

  async start(): Promise<void> {
    const ended = this.launch();
    this.done = ended.then(() => undefined);
    try {
      await waitUntilReady(this.url("postgres"), ended, this.options.place);
      await createDatabase(this.url("postgres"));
    } catch (error) {
      await this.stop(STOP_MS);
      throw error;
    }
    this.done = this.superviseFrom(ended);
  }

  /** Resolves with the reason once the process launched here has ended. */
  private launch(): Promise<string> {
    const running = spawnPostgres(this.options);
    this.running = running;
    return new Promise<string>((resolve) => {
      running.child.once("error", (error) => resolve(error.message));
      running.child.once("exit", (code, signal) => resolve(signal ? `signal ${signal}` : `exit status ${code}`));
    }).then((reason) => {
      running.end();
      if (this.running === running) this.running = null;
      return reason;
    });
  }

  private async superviseFrom(first: Promise<string>): Promise<void> {
    let retryMs = BACKOFF_FIRST_MS;
    for (let ended = first; ; ) {
      const startedAt = performance.now();
      const reason = await ended;
      if (this.stopping) return;
      // A run that lasted is a fresh accident, not the next of a series.
      retryMs = performance.now() - startedAt > 60_000 ? BACKOFF_FIRST_MS : Math.min(retryMs * 2, BACKOFF_LAST_MS);
      this.onEvent({ kind: "died", reason, retryMs });
      await sleep(retryMs, undefined, { signal: this.wake.signal }).catch(() => undefined);
      if (this.stopping) return;
      ended = this.launch();
      this.onEvent({ kind: "restarted", pid: this.pid ?? 0 });
    }
  }

  async stop(boundMs: number): Promise<void> {
    this.stopping = true;
    this.wake.abort();
    for (const [signal, share] of [
      ["SIGINT", 0.7],
      ["SIGQUIT", 0.2],
      ["SIGKILL", 0.1],
    ] as const) {
      this.running?.child.kill(signal);
      const ended = await Promise.race([this.done.then(() => true), sleep(boundMs * share, false)]);
      if (ended) return;
    }
  }
}

async function waitUntilReady(url: string, ended: Promise<string>, place: Place): Promise<void> {
  let reason: string | null = null;
  void ended.then((text) => {
    reason = text;
  });
  const deadline = performance.now() + READY_MS;
  while (performance.now() < deadline) {
    const problem = await tryConnect(url);
    if (problem === null) return;
    if (reason !== null)
      throw new TwincoreError("unavailable", `The built-in Postgres ended at its start (${reason}): ${logTail(place)}`);
    // Refused while it starts, 57P03 while it recovers; anything else will not get better by waiting.
    if (problem !== "ECONNREFUSED" && problem !== "57P03" && problem !== "ECONNRESET")
      throw new TwincoreError(
        "unavailable",
        `The built-in Postgres does not let us in (${problem}): ${logTail(place)}`,
      );
    await sleep(30);
  }
  throw new TwincoreError(
    "unavailable",
    `The built-in Postgres was not ready after ${READY_MS / 60_000} minutes: ${logTail(place)}`,
  );
}

async function tryConnect(url: string): Promise<string | null> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return null;
  } catch (error) {
    return systemCode(error) ?? "unknown";
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function createDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const found = await client.query("select 1 from pg_database where datname = 'twincore'");
    if (found.rowCount === 0) await client.query("create database twincore");
  } finally {
    await client.end();
  }
}
