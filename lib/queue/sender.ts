import "server-only";
import { randomUUID } from "node:crypto";
import { PgBoss } from "pg-boss";
import type { Enqueue } from "@/lib/engine/context";
import { TwincoreError, toTwincoreError } from "@/lib/errors";
import type { Log } from "@/lib/log";
import { QUEUE, SENDER } from "./settings";

/** Asks for work, from any process. Connects on first use; a failed connection is tried anew by the next call. */
export class Sender {
  private boss: Promise<PgBoss> | null = null;
  private readonly made = new Map<string, Promise<void>>();
  private stopped = false;

  constructor(
    private readonly url: string,
    private readonly log: Log,
  ) {}

  readonly enqueue: Enqueue = async (job, payload, options = {}) => {
    try {
      await this.send(job, payload, options.key ?? randomUUID(), options.afterSeconds ?? 0);
    } catch (error) {
      const known = toTwincoreError(error);
      if (known.code !== "internal") throw known;
      throw new TwincoreError("unavailable", "Work could not be queued: the database does not answer.", {
        cause: error,
      });
    }
  };

  async stop(): Promise<void> {
    this.stopped = true;
    const boss = await this.boss?.catch(() => null);
    await boss?.stop({ graceful: false, close: true });
  }

  private async send(name: string, payload: object, key: string, afterSeconds: number): Promise<void> {
    const boss = await this.connected();
    await this.make(boss, name);
    const id = await boss.send(name, payload, { singletonKey: key, startAfter: afterSeconds });
    if (id === null) await bringForward(boss, name, key, afterSeconds);
  }

  private connected(): Promise<PgBoss> {
    if (this.stopped) throw new TwincoreError("unavailable", "This process is stopping.");
    this.boss ??= startBoss(new PgBoss({ ...SENDER, connectionString: this.url }), this.log).catch((error) => {
      this.boss = null;
      throw error;
    });
    return this.boss;
  }

  private make(boss: PgBoss, name: string): Promise<void> {
    const known = this.made.get(name);
    if (known) return known;
    const made = boss.createQueue(name, QUEUE);
    this.made.set(name, made);
    made.catch(() => this.made.delete(name));
    return made;
  }
}

export async function startBoss(boss: PgBoss, log: Log): Promise<PgBoss> {
  // An error event without a listener would end the process; a lost connection comes back by itself.
  boss.on("error", quietly(log));
  await boss.start();
  return boss;
}

/** While the database is away every poll of every queue fails: one line each ten seconds is enough to know it. */
const QUIET_MS = 10_000;

function quietly(log: Log): (error: Error) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  let untold = 0;
  return (error) => {
    const now = performance.now();
    if (now - toldAt < QUIET_MS) untold++;
    else {
      log.warn({ error: error.message, untold }, "the job queue had a fault");
      toldAt = now;
      untold = 0;
    }
  };
}

/** The job is queued or running already. One that waits for its time must not make somebody wait who asks for it sooner. */
async function bringForward(boss: PgBoss, name: string, key: string, afterSeconds: number): Promise<void> {
  await boss.getDb().executeSql(
    `update pgboss.job set start_after = least(start_after, now() + $3 * interval '1 second')
       where name = $1 and singleton_key = $2 and state < 'active'`,
    [name, key, afterSeconds],
  );
}
