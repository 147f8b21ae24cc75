import { randomBytes } from "node:crypto";
import type { Database } from "@/lib/db/client";
import { createAccount } from "@/lib/engine/accounts";
import type { Actor, EngineContext } from "@/lib/engine/context";
import { prepareCore } from "@/lib/engine/core";
import { log } from "@/lib/log";
import { testDatabase } from "../../support/database";

/** One core for a whole file about people: a database, and a clock that the test moves. Each test takes accounts of its own. */
export class PeopleCore {
  /** It stands still, in the middle of a time step, until a test moves it: no code becomes old in between. */
  private nowMs = Math.floor(Date.now() / 30_000) * 30_000 + 15_000;
  private count = 0;
  private readonly secret = randomBytes(32);
  private constructor(readonly db: Database) {}

  static async start(): Promise<PeopleCore> {
    const core = new PeopleCore(await testDatabase());
    await prepareCore(core.db, { name: "Vault", secret: core.secret, now: core.now() });
    return core;
  }

  now = (): Date => new Date(this.nowMs);

  advance(byMs: number): void {
    this.nowMs += byMs;
  }

  ctx(actor: Actor = { kind: "system" }): EngineContext {
    const { db, secret, now } = this;
    return { actor, db, secret, log, now, enqueue: async () => undefined, address: "10.0.0.9" };
  }

  freshEmail(): string {
    this.count += 1;
    return `person-${this.count}@example.com`;
  }

  /** Another administrator, so that no test takes away the last one. */
  async administrator(password = "correct horse battery"): Promise<string> {
    const account = { name: "Root", email: this.freshEmail(), password, role: "administrator" } as const;
    return (await createAccount(this.ctx(), account)).accountId;
  }

  audit(action: string, subject: string) {
    return this.db.prisma.auditEntry.findMany({ where: { action, subject } });
  }
}
