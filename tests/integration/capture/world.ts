import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";
import type { Database } from "@/lib/db/client";
import { createAgent } from "@/lib/engine/agents";
import type { AgentDetail, VolumeInput } from "@/lib/engine/agents/schemas";
import { type FileSource, systemFiles } from "@/lib/engine/capture";
import type { EngineContext, JobPayloads } from "@/lib/engine/context";
import { getRecoveryPoint } from "@/lib/engine/recovery-points";
import type { RecoveryPointDetail } from "@/lib/engine/recovery-points/schemas";
import { createRepository } from "@/lib/engine/repositories";
import { getTask, runTask, startCapture, startRestore } from "@/lib/engine/tasks";
import type { TaskReport } from "@/lib/engine/tasks/schemas";
import { testDatabase } from "../../support/database";

/** One core's engine with a repository, on a database and folders of its own; jobs run when the test says so. */
export class World {
  readonly jobs: { name: keyof JobPayloads; payload: unknown; key: string | undefined }[] = [];
  /** Moved forward by tests: files are only taken over when they are clearly older than the capture before. */
  clockMs = Date.now() + 60_000;
  repositoryId = "";

  private constructor(
    readonly db: Database,
    readonly folder: string,
  ) {}

  static async start(): Promise<World> {
    const folder = mkdtempSync(path.join(tmpdir(), "twincore-capture-"));
    // Restored trees hold folders without rights; rm as another user than root would stumble over them.
    afterAll(() => {
      execFileSync("chmod", ["-R", "u+rwX", folder]);
      rmSync(folder, { recursive: true, force: true });
    });
    const world = new World(await testDatabase(), folder);
    await world.db.prisma.tenant.upsert({ where: { name: "Home" }, create: { name: "Home" }, update: {} });
    const repository = await createRepository(world.ctx, { name: "main", path: path.join(folder, "repository") });
    world.repositoryId = repository.id;
    return world;
  }

  get ctx(): EngineContext {
    const quiet = () => undefined;
    return {
      actor: { kind: "system" },
      db: this.db,
      enqueue: async (name, payload, options) => {
        this.jobs.push({ name, payload, key: options?.key });
      },
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      now: () => new Date(this.clockMs),
      secret: Buffer.alloc(32),
      home: this.folder,
    };
  }

  /** A new empty folder. */
  makeFolder(name: string): string {
    const made = path.join(this.folder, name);
    mkdirSync(made);
    return made;
  }

  agent(name: string, volumes: VolumeInput[]): Promise<AgentDetail> {
    return createAgent(this.ctx, { name, hostName: "here", repositoryId: this.repositoryId, volumes });
  }

  folderAgent(name: string, folder: string, excludes: string[] = []): Promise<AgentDetail> {
    return this.agent(name, [{ kind: "folder", name: "files", path: folder, excludes }]);
  }

  async run(taskId: string, source: FileSource = systemFiles): Promise<TaskReport> {
    await runTask(this.ctx, { taskId, signal: new AbortController().signal, source });
    return getTask(this.ctx, { id: taskId });
  }

  /** Captures and answers the recovery point; a minute passes. */
  async capture(agentId: string, source?: FileSource): Promise<RecoveryPointDetail> {
    this.clockMs += 60_000;
    const started = await startCapture(this.ctx, { agentId });
    const task = await this.run(started.id, source);
    if (task.recoveryPointId === null) throw new Error(`the capture ${task.state}: ${task.failure?.message}`);
    return getRecoveryPoint(this.ctx, { id: task.recoveryPointId });
  }

  async restore(point: RecoveryPointDetail, destination: string, volumeName?: string): Promise<TaskReport> {
    const image = point.images.find((one) => volumeName === undefined || one.volumeName === volumeName);
    if (!image) throw new Error("no such image");
    const started = await startRestore(this.ctx, { recoveryPointId: point.id, imageId: image.id, destination });
    return this.run(started.id);
  }

  async countRecords(): Promise<number> {
    const { rows } = await this.db.pool.query("select count(*)::int as count from record");
    return rows[0]?.count ?? 0;
  }
}

/** The machine's files, with every call that reads content written down. */
export function watchedFiles(): FileSource & { opened: string[] } {
  const opened: string[] = [];
  return {
    ...systemFiles,
    opened,
    open: (file, stat) => {
      opened.push(file);
      return systemFiles.open(file, stat);
    },
  };
}
