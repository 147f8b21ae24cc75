import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect } from "vitest";
import type { Database } from "@/lib/db/client";
import { createAgent } from "@/lib/engine/agents";
import type { AgentDetail, VolumeInput } from "@/lib/engine/agents/schemas";
import { captureStream } from "@/lib/engine/capture";
import type { EngineContext, JobPayloads } from "@/lib/engine/context";
import { sweepDocuments } from "@/lib/engine/documents";
import { getRecoveryPoint } from "@/lib/engine/recovery-points";
import type { RecoveryPointDetail } from "@/lib/engine/recovery-points/schemas";
import { createRepository, openRepository } from "@/lib/engine/repositories";
import { openDownload } from "@/lib/engine/restore";
import { getSyncSession, runSync, type SyncSessionDetail, startSync } from "@/lib/engine/sync-sessions";
import { getTask, runTask, startCapture, startRestore } from "@/lib/engine/tasks";
import { testDatabase } from "../../support/database";

const never = new AbortController().signal;

/** A core's engine on a database of its own; its repositories lie in folders that other cores may attach. */
export class SyncCore {
  readonly jobs: { name: keyof JobPayloads; payload: unknown }[] = [];
  /** Files are only taken over when they are clearly older than the capture before. */
  clockMs = Date.now() + 60_000;
  constructor(readonly db: Database) {}

  static async start(): Promise<SyncCore> {
    const core = new SyncCore(await testDatabase());
    await core.db.prisma.tenant.create({ data: { name: "Home" } });
    return core;
  }

  get ctx(): EngineContext {
    const quiet = () => undefined;
    return {
      actor: { kind: "system" },
      db: this.db,
      enqueue: async (name, payload) => void this.jobs.push({ name, payload }),
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      now: () => new Date(this.clockMs),
      secret: Buffer.alloc(32),
    };
  }

  async repository(name: string, folder: string, attach = false): Promise<string> {
    return (await createRepository(this.ctx, { name, path: folder, attach })).id;
  }

  agent(name: string, repositoryId: string, volumes: VolumeInput[]): Promise<AgentDetail> {
    return createAgent(this.ctx, { name, hostName: `${name}.example`, repositoryId, volumes });
  }

  async capture(agentId: string, volumeIds?: string[]): Promise<RecoveryPointDetail> {
    this.clockMs += 60_000;
    const { id } = await startCapture(this.ctx, { agentId, volumeIds });
    await runTask(this.ctx, { taskId: id, signal: never });
    return this.pointOf(id);
  }

  async stream(agentId: string, volumeName: string, bytes: Buffer): Promise<RecoveryPointDetail> {
    this.clockMs += 60_000;
    const pieces = async function* () {
      yield bytes;
    };
    const task = await captureStream(this.ctx, { agentId, volumeName, signal: never }, pieces());
    return this.pointOf(task.id);
  }

  private async pointOf(taskId: string): Promise<RecoveryPointDetail> {
    const task = await getTask(this.ctx, { id: taskId });
    if (task.recoveryPointId === null) throw new Error(`the capture ${task.state}: ${task.failure?.message}`);
    return getRecoveryPoint(this.ctx, { id: task.recoveryPointId });
  }

  /** As the worker does once a minute. */
  async writeDocuments(): Promise<void> {
    this.clockMs = Math.max(this.clockMs, Date.now() + 60_000);
    await sweepDocuments(this.ctx);
  }

  /** Starts a sync, runs it to its end, and answers it. */
  async sync(repositoryId: string, verifyRecords = false): Promise<SyncSessionDetail> {
    const { id } = await startSync(this.ctx, { repositoryId, verifyRecords });
    return this.run(id);
  }

  async run(syncSessionId: string): Promise<SyncSessionDetail> {
    await runSync(this.ctx, { syncSessionId, signal: never });
    return getSyncSession(this.ctx, { id: syncSessionId });
  }

  async synced(repositoryId: string, verifyRecords = false): Promise<SyncSessionDetail> {
    const session = await this.sync(repositoryId, verifyRecords);
    expect(session).toMatchObject({ state: "succeeded", progressPercent: 100, failure: null });
    return session;
  }

  /** The bytes of a disk or stream image, or of a folder as a tar. */
  async bytesOf(pointId: string, volumeName: string): Promise<Buffer> {
    const point = await getRecoveryPoint(this.ctx, { id: pointId });
    const image = point.images.find((one) => one.volumeName === volumeName);
    const download = await openDownload(this.ctx, { recoveryPointId: pointId, imageId: image?.id ?? "" });
    const pieces: Buffer[] = [];
    for await (const piece of download.body) pieces.push(Buffer.from(piece));
    return Buffer.concat(pieces);
  }

  async restore(pointId: string, volumeName: string, destination: string): Promise<void> {
    const point = await getRecoveryPoint(this.ctx, { id: pointId });
    const image = point.images.find((one) => one.volumeName === volumeName);
    const started = await startRestore(this.ctx, { recoveryPointId: pointId, imageId: image?.id ?? "", destination });
    await runTask(this.ctx, { taskId: started.id, signal: never });
    expect(await getTask(this.ctx, { id: started.id })).toMatchObject({ state: "succeeded" });
  }

  storage(repositoryId: string) {
    return openRepository(this.ctx, repositoryId);
  }
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "twincore-sync-"));
  afterAll(() => {
    // Restored trees hold folders without rights.
    execFileSync("chmod", ["-R", "u+rwX", folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Files below a folder whose name matches, as paths. */
export function filesIn(folder: string, name: RegExp): string[] {
  return readdirSync(folder, { recursive: true })
    .map((file) => path.join(folder, String(file)))
    .filter((file) => name.test(file))
    .sort();
}
