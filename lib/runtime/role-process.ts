import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { TwincoreError } from "@/lib/errors";
import type { Log } from "@/lib/log";
import { type FromRole, ROLE_STOP_MS, type ToRole } from "./messages";
import type { Role } from "./settings";

const BACKOFF_FIRST_MS = 250;
const BACKOFF_LAST_MS = 30_000;
// A role that ran this long before it died begins the series anew.
const HEALTHY_MS = 60_000;
// Next's first compile in development is the slowest honest start.
const READY_MS = 120_000;
// Bounds a leak to a restart of one role instead of the machine's memory; the working set is far below.
const HEAP_MIB_MAX = 320;
// A small young generation: larger ones held 100 MiB more during a capture of a million files, and were no faster.
const YOUNG_MIB_MAX = 16;

/** One role: started, started again with a growing pause when it dies, stopped within a bound. */
export class RoleProcess {
  private child: ChildProcess | null = null;
  private done: Promise<void> = Promise.resolve();
  private stopping = false;
  private readonly wake = new AbortController();

  constructor(
    readonly role: Role,
    private readonly options: {
      root: string;
      environment: NodeJS.ProcessEnv;
      dev: boolean;
      log: Log;
      /** Called whenever the process behind this role is another one. */
      onChange: () => void;
    },
  ) {}

  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  /** Resolves when the role serves. Rejects with its own message when it cannot start at all. */
  async start(): Promise<void> {
    const { ready, ended } = this.launch();
    this.done = this.supervise(ended);
    const timeout = sleep(READY_MS, undefined, { signal: this.wake.signal }).then(
      () =>
        Promise.reject(
          new TwincoreError("unavailable", `The role ${this.role} was not ready after ${READY_MS / 1000} s.`),
        ),
      () => undefined,
    );
    await Promise.race([ready, timeout]);
  }

  /** Asks it to finish what it is doing, and ends it by force when the time is over. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake.abort();
    const stop: ToRole = { kind: "stop" };
    if (this.child?.connected) this.child.send(stop, () => undefined);
    const ended = await Promise.race([this.done.then(() => true), sleep(ROLE_STOP_MS, false)]);
    if (ended) return;
    this.options.log.warn({ which: this.role }, "a role did not stop in time and was killed");
    this.child?.kill("SIGKILL");
    await this.done;
  }

  private launch() {
    const { root, environment, dev } = this.options;
    const heap = dev ? [] : [`--max-old-space-size=${HEAP_MIB_MAX}`, `--max-semi-space-size=${YOUNG_MIB_MAX}`];
    const child = spawn(
      process.execPath,
      [...heap, "--enable-source-maps", path.join(root, ".build", `${this.role}.mjs`)],
      {
        cwd: root,
        env: environment,
        stdio: ["ignore", "inherit", "inherit", "ipc"],
      },
    );
    this.child = child;
    const ended = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (code, signal) => resolve(signal ? `signal ${signal}` : `exit status ${code}`));
    });
    const ready = new Promise<void>((resolve, reject) => {
      child.on("message", (message: FromRole) => {
        if (message.kind === "ready") resolve();
        else reject(new TwincoreError("unavailable", message.message));
      });
      void ended.then((reason) =>
        reject(new TwincoreError("unavailable", `The role ${this.role} ended at its start (${reason}).`)),
      );
    });
    // Only the first start is awaited; later ones are judged by whether they live.
    ready.catch(() => undefined);
    return { ready, ended };
  }

  private async supervise(first: Promise<string>): Promise<void> {
    let pauseMs = BACKOFF_FIRST_MS;
    for (let ended = first; ; ) {
      const startedAt = performance.now();
      const reason = await ended;
      this.child = null;
      if (this.stopping) return;
      if (performance.now() - startedAt > HEALTHY_MS) pauseMs = BACKOFF_FIRST_MS;
      this.options.log.warn({ which: this.role, reason, pauseMs }, "a role ended and will be started again");
      this.options.onChange();
      await sleep(pauseMs, undefined, { signal: this.wake.signal }).catch(() => undefined);
      if (this.stopping) return;
      pauseMs = Math.min(pauseMs * 2, BACKOFF_LAST_MS);
      ended = this.launch().ended;
      this.options.onChange();
    }
  }
}
