import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";
import { captureStream } from "@/lib/engine/capture";
import { runReplication } from "@/lib/engine/replication";
import type { ConnectTarget } from "@/lib/engine/replication/target-core";
import { createRepository } from "@/lib/engine/repositories";
import { hearTargets, tellSession } from "@/lib/engine/sessions";
import { connectTarget } from "@/lib/jobs/connect-target";
import { pairCores } from "./pair";
import { PeerCore } from "./peer-core";

export type CoreName = "caller" | "callee";

/** In this order, so that a word is heard before what it leads to is done. */
const WORK = ["advance-session", "update-metadata", "delete-agent"] as const;
/** Done over the connection of the pair, so that faults reach them. */
const CALLS: readonly string[] = ["tell-session", "run-replication"];
/** A change of roles with everything that follows takes about ten. */
const ROUNDS_MAX = 40;

/** Two cores that became a pair as people make them one, over real TLS, with real repositories and one agent. */
export class SessionPair {
  /** How the caller reaches the callee. Faults are injected by another one. */
  connect: ConnectTarget;

  private constructor(
    readonly caller: PeerCore,
    readonly callee: PeerCore,
    readonly agentId: string,
    readonly sessionId: string,
    readonly pairingIds: Readonly<Record<CoreName, string>>,
  ) {
    this.connect = (pairingId, hooks) => connectTarget(caller.ctx())(pairingId, hooks);
  }

  static async start(): Promise<SessionPair> {
    const folder = mkdtempSync(path.join(tmpdir(), "twincore-sessions-"));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const caller = await PeerCore.start("Harbour");
    const callee = await PeerCore.start("Vault");
    const ids = await pairCores(caller, callee);
    for (const core of [caller, callee]) {
      const place = { name: `real ${core.name}`, path: path.join(folder, core.name) };
      const repository = await createRepository(core.ctx(), place);
      await core.db.prisma.agent.updateMany({ data: { repositoryId: repository.id } });
    }
    const session = await caller.db.prisma.replicationSession.findFirstOrThrow();
    return new SessionPair(caller, callee, session.agentId, session.id, {
      caller: ids.sourceId,
      callee: ids.targetId,
    });
  }

  core(name: CoreName): PeerCore {
    return name === "caller" ? this.caller : this.callee;
  }

  session(name: CoreName) {
    return this.core(name).db.prisma.replicationSession.findUniqueOrThrow({ where: { id: this.sessionId } });
  }

  agent(name: CoreName) {
    return this.core(name).db.prisma.agent.findUniqueOrThrow({ where: { id: this.agentId } });
  }

  /** Sends bytes to the agent's volume on a core, as a client does; the id of the recovery point. */
  async capture(name: CoreName, bytes: Buffer): Promise<string> {
    const input = { agentId: this.agentId, volumeName: "disk", signal: new AbortController().signal };
    const task = await captureStream(this.core(name).ctx(), input, one(bytes));
    return task.recoveryPointId ?? "";
  }

  /** The agent's points on a core, oldest first. */
  async points(name: CoreName, agentId = this.agentId): Promise<string[]> {
    const rows = await this.core(name).db.prisma.recoveryPoint.findMany({
      where: { agentId },
      orderBy: { sequence: "asc" },
    });
    return rows.map(({ id }) => id);
  }

  /** The minute's look of the caller. */
  async hear(): Promise<void> {
    const ctx = this.caller.ctx({ kind: "job", name: "sweep" });
    await hearTargets(ctx, this.connect);
  }

  /** Does what was asked for on both cores, and what that asks for, until nothing is left. */
  async work(): Promise<void> {
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const due = [this.caller, this.callee].some((core) => core.jobs.some(({ name }) => isWork(name)));
      if (!due) return;
      await this.callQueued();
      for (const core of [this.callee, this.caller]) for (const name of WORK) await core.runJobs(name);
    }
    throw new Error("the two cores do not come to rest");
  }

  /** As some minutes would: looks and work, until both cores agree and rest. */
  async settle(rounds = 4): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      await this.hear();
      await this.work();
      const session = await this.session("caller");
      if (session.nextRunAt !== null) this.caller.jobs.push(this.run());
      await this.work();
    }
  }

  run() {
    return { name: "run-replication" as const, payload: { sessionId: this.sessionId } };
  }

  /** One run now, whatever is due. */
  async replicate(): Promise<void> {
    this.caller.jobs.push(this.run());
    await this.work();
  }

  private async callQueued(): Promise<void> {
    const due = new Set(this.caller.jobs.map(({ name }) => name));
    for (const core of [this.caller, this.callee]) core.jobs = core.jobs.filter(({ name }) => !CALLS.includes(name));
    const { sessionId, connect } = this;
    if (due.has("tell-session"))
      await tellSession(this.caller.ctx({ kind: "job", name: "tell-session" }), { sessionId, connect });
    if (!due.has("run-replication")) return;
    const ctx = this.caller.ctx({ kind: "job", name: "run-replication" });
    const { signal } = new AbortController();
    await runReplication(ctx, { sessionId, owner: randomUUID(), signal, connect });
  }

  cutLink(): Promise<void> {
    return this.callee.stopListening();
  }

  restoreLink(): Promise<void> {
    return this.callee.listen();
  }
}

const isWork = (name: string): boolean => CALLS.includes(name) || (WORK as readonly string[]).includes(name);

async function* one(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}
