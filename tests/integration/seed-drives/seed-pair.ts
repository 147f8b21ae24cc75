import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect } from "vitest";
import { Counters } from "@/lib/engine/capture/counters";
import { runReplication } from "@/lib/engine/replication";
import { createRepository } from "@/lib/engine/repositories";
import { createSeedDrive, getSeedDrive } from "@/lib/engine/seed-drives";
import type { CreateSeedDriveInput, SeedDriveSummary } from "@/lib/engine/seed-drives/schemas";
import { runTask } from "@/lib/engine/tasks";
import { connectTarget } from "@/lib/jobs/connect-target";
import { pairCores } from "../../support/pair";
import { PeerCore } from "../../support/peer-core";
import { captureBytes, readBytes } from "../replication/records";

/** Two cores paired over real TLS, with real repositories, one agent, and folders that play the drives. */
export class SeedPair {
  private constructor(
    readonly folder: string,
    readonly source: PeerCore,
    readonly target: PeerCore,
    readonly pairingId: string,
    readonly targetPairingId: string,
    readonly agentId: string,
    readonly volumeId: string,
  ) {}

  static async start(): Promise<SeedPair> {
    const folder = mkdtempSync(path.join(tmpdir(), "twincore-seed-test-"));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const source = await PeerCore.start("Harbour");
    const target = await PeerCore.start("Vault");
    const ids = await pairCores(source, target);
    for (const core of [source, target]) {
      const repository = await createRepository(core.ctx(), { name: "real", path: path.join(folder, core.name) });
      await core.db.prisma.agent.updateMany({ data: { repositoryId: repository.id } });
    }
    const [agentId = ""] = ids.agentIds;
    const volume = { agentId, name: "disk", kind: "image", path: "/x" } as const;
    const { id: volumeId } = await source.db.prisma.volume.create({ data: volume });
    return new SeedPair(folder, source, target, ids.sourceId, ids.targetId, agentId, volumeId);
  }

  /** An empty folder where a drive would be mounted. */
  mount(name: string): string {
    const place = path.join(this.folder, name);
    mkdirSync(place);
    return place;
  }

  capture(bytes: Buffer): Promise<string> {
    return captureBytes(this.source.ctx(), this.agentId, [{ volumeId: this.volumeId, name: "disk", bytes }]);
  }

  create(folder: string, more: Partial<CreateSeedDriveInput> = {}): Promise<SeedDriveSummary> {
    const { pairingId, agentId } = this;
    return createSeedDrive(this.source.ctx(), { pairingId, name: "first", agentIds: [agentId], folder, ...more });
  }

  /** Creates a drive and writes it. */
  async export(folder: string, more: Partial<CreateSeedDriveInput> = {}): Promise<SeedDriveSummary> {
    const { id } = await this.create(folder, more);
    await work(this.source);
    return getSeedDrive(this.source.ctx(), { id });
  }

  /** One run of the agent's session, over TLS; bytes on the wire, or 0 when there was nothing to do. */
  async replicate(): Promise<number> {
    const { prisma } = this.source.db;
    const ctx = this.source.ctx({ kind: "job", name: "run-replication" });
    const session = await prisma.replicationSession.findFirstOrThrow({ where: { pairingId: this.pairingId } });
    const before = await prisma.run.count();
    const { signal } = new AbortController();
    await runReplication(ctx, { sessionId: session.id, owner: randomUUID(), signal, connect: connectTarget(ctx) });
    const after = await prisma.replicationSession.findUniqueOrThrow({ where: { id: session.id } });
    expect(after).toMatchObject({ state: "ok", failureMessage: null });
    if ((await prisma.run.count()) === before) return 0;
    return Number((await prisma.run.findFirstOrThrow({ orderBy: { createdAt: "desc" } })).wireBytes);
  }

  async expectOnTarget(pointId: string, bytes: Buffer): Promise<void> {
    // Not toEqual: it compares large buffers a byte at a time.
    expect((await readBytes(this.target.ctx(), pointId)).get("disk")?.equals(bytes)).toBe(true);
  }

  async targetPoints(): Promise<string[]> {
    const points = await this.target.db.prisma.recoveryPoint.findMany({ orderBy: { sequence: "asc" } });
    return points.map(({ id }) => id);
  }
}

/** Runs the tasks that were asked for, as the worker would, to their end. */
export async function work(core: PeerCore): Promise<void> {
  const jobs = core.jobs.filter(({ name }) => name === "run-task");
  core.jobs = core.jobs.filter(({ name }) => name !== "run-task");
  for (const { payload } of jobs)
    if ("taskId" in payload)
      await runTask(core.ctx({ kind: "job", name: "run-task" }), {
        taskId: payload.taskId,
        signal: new AbortController().signal,
      });
}

/** Stops the work that counts with it when so many bytes were handled: a worker that dies there. */
export class DyingCounters extends Counters {
  private readonly dying = new AbortController();
  private bytes = 0;

  constructor(private readonly bytesMax: number) {
    super("starting");
    // A field of the base class would hide an accessor of this one.
    Object.defineProperty(this, "bytesDone", {
      get: () => this.bytes,
      set: (value: number) => {
        this.bytes = value;
        if (value > this.bytesMax) this.dying.abort(new Error("the worker died"));
      },
    });
  }

  get signal(): AbortSignal {
    return this.dying.signal;
  }
}

/** Every file below a folder, by its path from there. */
export function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(path.join(folder, name)).isFile())
    .sort();
}
