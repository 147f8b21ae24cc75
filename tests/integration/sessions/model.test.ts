import fc from "fast-check";
import { expect, it } from "vitest";
import type { TargetCore } from "@/lib/engine/replication";
import * as sessions from "@/lib/engine/sessions";
import { sweepOrders, sweepSessions } from "@/lib/engine/sessions";
import { SessionOperation, type SessionState } from "@/lib/engine/sessions/schemas";
import { TwincoreError } from "@/lib/errors";
import { type CoreName, SessionPair } from "../../support/session-pair";
import { inProcessTarget } from "../replication/in-process-target";
import { noise } from "../replication/records";
import { around } from "../replication/two-cores";
import { isLegal, type Seen, STEPS } from "./model";

const CORES = ["caller", "callee"] as const;
/** A run of the model makes two cores with a database each; some tens of orders show what one order does to another. */
const RUNS = Number(process.env.TWINCORE_MODEL_RUNS ?? 8);
const COMMANDS_MAX = 24;
const MINUTES = 60_000;
const gone = () => new TwincoreError("unavailable", "The other core does not answer.");

/** What the test knows beside the cores: points that were acknowledged, and the weather between them. */
interface Model {
  linkUp: boolean;
  committed: string[];
}

class World {
  /** Calls until the next one fails, and how. */
  fault: { after: number; kind: "dropped" | "lost" } | null = null;
  private size = 1;
  constructor(
    readonly pair: SessionPair,
    readonly model: Model,
  ) {
    const peer = () => pair.callee.ctx({ kind: "peer", pairingId: pair.pairingIds.callee, name: "Harbour" });
    pair.connect = async (_id, hooks) => this.faulty(inProcessTarget(peer(), hooks));
  }

  static async start(model: Model): Promise<World> {
    const world = new World(await SessionPair.start(), model);
    for (const name of CORES) await world.pair.core(name).db.pool.query(JOURNAL);
    return world;
  }

  private faulty(target: TargetCore): TargetCore {
    return around(target, async (_name, call) => {
      if (!this.model.linkUp) throw gone();
      if (this.fault && this.fault.after-- > 0) return call();
      const { fault } = this;
      this.fault = null;
      if (fault?.kind === "dropped") throw gone();
      const answer = await call();
      if (fault?.kind === "lost") throw gone();
      return answer;
    });
  }

  async seen(name: CoreName): Promise<Seen> {
    const session = await this.pair.session(name);
    return {
      side: session.side,
      role: session.role,
      state: session.state,
      isTesting: session.testStartedAt !== null,
      isTestHere: session.testAgentId !== null,
      isDiverged: session.divergence !== null,
      isLinkDown: (await sessions.getSessionSummary(this.pair.core(name).ctx(), { id: session.id })).isLinkDown,
      hasPoints: (await this.pair.points(name)).length > 0,
    };
  }

  /** Captured bytes differ each time, and there are few of them. */
  async capture(name: CoreName): Promise<void> {
    const { role, state } = await this.seen(name);
    const taken = role === "source" && state !== "failing_over" && state !== "failing_over_for_dr";
    const done = this.pair.capture(name, noise(`${name} ${this.size++}`, 3_000));
    if (!taken) return void (await expect(done).rejects.toMatchObject({ code: "conflict" }));
    this.model.committed.push(await done);
  }

  async order(name: CoreName, operation: SessionOperation, keep: "here" | "there"): Promise<void> {
    const seen = await this.seen(name);
    const ctx = this.pair.core(name).ctx();
    const done = give(ctx, this.pair.sessionId, operation, keep);
    const what = `${operation} on the ${name}: ${JSON.stringify(seen)}`;
    if (!isLegal(seen, operation)) await expect(done, what).rejects.toMatchObject({ code: "conflict" });
    else await expect(done, what).resolves.toBeDefined();
  }

  /** What a minute brings: the looks of both cores, and the work that they ask for. */
  async minute(): Promise<void> {
    for (const name of CORES) {
      const ctx = this.pair.core(name).ctx({ kind: "job", name: "sweep" });
      await sweepOrders(ctx);
      await sweepSessions(ctx);
    }
    await this.pair.settle(1);
  }

  /** A worker that dies with what it was told to do; rows remain. */
  loseJobs(name: CoreName): void {
    this.pair.core(name).jobs = [];
  }

  /** What holds at every moment, whatever was lost between the cores. */
  async check(): Promise<void> {
    for (const name of CORES) {
      const session = await this.pair.session(name);
      const current = (session.epoch % 2 === 0) === (name === "caller");
      expect(session.role, `${name} at epoch ${session.epoch}`).toBe(current ? "source" : "destination");
      expect((await this.pair.agent(name)).leadPairingId === null, `${name} leads`).toBe(current);
    }
    const { rows } = await this.pair.caller.db.pool.query<Step>(STEPS_TAKEN);
    const others = await this.pair.callee.db.pool.query<Step>(STEPS_TAKEN);
    for (const { was, now } of [...rows, ...others.rows]) expect(STEPS[was], `${was} to ${now}`).toContain(now);
    await this.nothingLost();
  }

  async nothingLost(): Promise<void> {
    const found = new Set<string>();
    for (const name of CORES) {
      const where = { id: { in: this.model.committed } };
      const rows = await this.pair.core(name).db.prisma.recoveryPoint.findMany({ where, select: { id: true } });
      for (const { id } of rows) found.add(id);
    }
    expect([...found].sort()).toEqual([...this.model.committed].sort());
  }

  /** The link is back, people choose and go on: both cores come to the same, and everything of the current one is on both. */
  async comesToRest(): Promise<void> {
    this.model.linkUp = true;
    this.fault = null;
    for (let round = 0; round < 4; round++) {
      for (let minute = 0; minute < 3; minute++) await this.minute();
      const [a, b] = [await this.pair.session("caller"), await this.pair.session("callee")];
      expect([a.epoch, a.revision], "both stand the same").toEqual([b.epoch, b.revision]);
      expect([a.role, b.role].sort()).toEqual(["destination", "source"]);
      if (a.state === "ok" && b.state === "ok") break;
      const current = a.role === "source" ? "caller" : "callee";
      await this.goOn(current, current === "caller" ? a.state : b.state, a.divergence !== null);
    }
    await this.pair.settle(3);
    const states = [(await this.pair.session("caller")).state, (await this.pair.session("callee")).state];
    expect(states).toEqual(["ok", "ok"]);
    const current = (await this.pair.session("caller")).role === "source" ? "caller" : "callee";
    const other = current === "caller" ? "callee" : "caller";
    expect(await this.pair.points(other)).toEqual(expect.arrayContaining(await this.pair.points(current)));
    await this.check();
  }

  private async goOn(name: CoreName, state: SessionState, isDiverged: boolean): Promise<void> {
    const ctx = this.pair.core(name).ctx();
    const id = { id: this.pair.sessionId };
    if (isDiverged) await sessions.resolveDivergence(ctx, { ...id, keep: "here" });
    else if (state === "failed_over") await sessions.reprotectSession(ctx, id);
    else if (state === "paused") await sessions.resumeSession(ctx, id);
    else if (state === "system_paused") await sessions.syncSession(ctx, id);
  }
}

interface Step {
  was: SessionState;
  now: SessionState;
}

/** Every change of a state that is not taken over from the other core. */
const JOURNAL = `
  create table step_taken (id bigserial primary key, was text not null, now text not null);
  create function keep_step() returns trigger language plpgsql as $$ begin
    if new.state <> old.state and new.heard_at is not distinct from old.heard_at then
      insert into step_taken (was, now) values (old.state::text, new.state::text);
    end if;
    return new;
  end $$;
  create trigger keep_step after update on replication_session for each row execute function keep_step();`;
const STEPS_TAKEN = "select was, now from step_taken order by id";

function give(
  ctx: Parameters<typeof sessions.pauseSession>[0],
  id: string,
  operation: SessionOperation,
  keep: "here" | "there",
): Promise<unknown> {
  switch (operation) {
    case "sync":
      return sessions.syncSession(ctx, { id });
    case "pause":
      return sessions.pauseSession(ctx, { id });
    case "resume":
      return sessions.resumeSession(ctx, { id });
    case "fail_over_planned":
      return sessions.failOverSession(ctx, { id, reverse: keep === "here" });
    case "fail_over_unplanned":
      return sessions.failOverSession(ctx, { id, kind: "unplanned" });
    case "reprotect":
      return sessions.reprotectSession(ctx, { id });
    case "fail_back":
      return sessions.failBackSession(ctx, { id });
    case "start_failover_test":
      return sessions.startFailoverTest(ctx, { id });
    case "stop_failover_test":
      return sessions.stopFailoverTest(ctx, { id, keepRecoveryPoint: keep === "here" });
    case "resolve_divergence":
      return sessions.resolveDivergence(ctx, { id, keep });
    default:
      return operation satisfies never;
  }
}

type Command = fc.AsyncCommand<Model, World>;

const command = (name: string, run: (model: Model, world: World) => Promise<void> | void): Command => ({
  check: () => true,
  run: async (model, world) => {
    await run(model, world);
    await world.check();
  },
  toString: () => name,
});

const core = fc.constantFrom(...CORES);
const captures = core.map((name) => command(`capture on the ${name}`, (_model, world) => world.capture(name)));
const orders = fc
  .tuple(core, fc.constantFrom(...SessionOperation.options), fc.constantFrom("here" as const, "there" as const))
  .map(([name, operation, keep]) =>
    command(`${operation} (${keep}) on the ${name}`, (_model, world) => world.order(name, operation, keep)),
  );
/** One that is legal at its moment, so that runs come far. */
const fitting = fc
  .tuple(core, fc.nat(1_000), fc.constantFrom("here" as const, "there" as const))
  .map(([name, pick, keep]) =>
    command(`fitting order ${pick} (${keep}) on the ${name}`, async (_model, world) => {
      const seen = await world.seen(name);
      const legal = SessionOperation.options.filter((operation) => isLegal(seen, operation));
      const operation = legal[pick % legal.length];
      if (operation) await world.order(name, operation, keep);
    }),
  );
const minutes = fc.constant(command("a minute", (_model, world) => world.minute()));
const works = fc.constant(command("work", (_model, world) => world.pair.work()));
const deaths = core.map((name) => command(`the ${name}'s worker dies`, (_model, world) => world.loseJobs(name)));
const links = fc.boolean().map((up) =>
  command(`the link is ${up ? "up" : "down"}`, (model) => {
    model.linkUp = up;
  }),
);
const faults = fc.tuple(fc.nat(6), fc.constantFrom("dropped" as const, "lost" as const)).map(([after, kind]) =>
  command(`a call ${kind} after ${after}`, (_model, world) => {
    world.fault = { after, kind };
  }),
);
const commands = [
  ...[orders, orders, fitting, fitting, fitting],
  ...[captures, captures, minutes, minutes, works],
  ...[deaths, links, faults],
];

it("whatever is ordered on either side, with faults between: the table holds, one core is current, no point is lost", {
  timeout: 30 * MINUTES,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: COMMANDS_MAX, size: "max" }), async (given) => {
      const model: Model = { linkUp: true, committed: [] };
      const world = await World.start(model);
      await world.capture("caller");
      await world.pair.replicate();
      await fc.asyncModelRun(() => ({ model, real: world }), given);
      await world.comesToRest();
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});
