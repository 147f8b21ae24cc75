import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect } from "vitest";
import type { Database } from "@/lib/db/client";
import type { Actor, EngineContext, JobPayloads } from "@/lib/engine/context";
import { type ConnectTarget, runReplication, type TargetCore } from "@/lib/engine/replication";
import type { TransferPreference } from "@/lib/engine/replication/choose-mode";
import { createRepository, openRepository } from "@/lib/engine/repositories";
import { testDatabase } from "@/tests/support/database";
import { setAgentQuota } from "@/tests/support/quotas";
import { inProcessTarget } from "./in-process-target";
import { captureBytes, readBytes } from "./records";

/** One core's engine on a database and a repository of its own; what it enqueues is only written down. */
export class Core {
  readonly enqueued: { name: keyof JobPayloads; payload: unknown }[] = [];
  /** Pretended minutes that have passed. */
  aheadMs = 0;
  constructor(
    readonly db: Database,
    readonly repositoryId: string,
    readonly tenantId: string,
  ) {}

  static async start(name: string, folder: string): Promise<Core> {
    const db = await testDatabase();
    const ctx = new Core(db, "", "").as({ kind: "system" });
    const repository = await createRepository(ctx, { name, path: path.join(folder, name) });
    const tenant = await db.prisma.tenant.create({ data: { name } });
    return new Core(db, repository.id, tenant.id);
  }

  as(actor: Actor): EngineContext {
    const quiet = () => undefined;
    return {
      actor,
      db: this.db,
      enqueue: async (name, payload) => void this.enqueued.push({ name, payload }),
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      now: () => new Date(Date.now() + this.aheadMs),
      secret: Buffer.alloc(32),
    };
  }

  get ctx(): EngineContext {
    const provenAt = new Date(Date.now() + this.aheadMs);
    const credential = { kind: "browser", id: null, provenAt, scopes: null } as const;
    return this.as({ kind: "account", accountId: randomUUID(), name: "operator", role: "engineer", credential });
  }

  get storage() {
    return openRepository(this.ctx, this.repositoryId);
  }
}

/** Two paired cores in one process, with one agent. Faults are injected by wrapping the target. */
export class TwoCores {
  /** Given each target that a run connects to; may give another in its place. */
  wrap: (target: TargetCore) => TargetCore = (target) => target;
  /** Forced on the runs that follow. */
  preference: TransferPreference = "auto";
  /** Names of the calls so far, in order. */
  readonly calls: string[] = [];

  private constructor(
    readonly source: Core,
    readonly target: Core,
    readonly ids: {
      agentId: string;
      volumeIds: Record<string, string>;
      sourcePairingId: string;
      targetPairingId: string;
      sourceSessionId: string;
      targetSessionId: string;
    },
  ) {}

  static async start(volumeNames: string[] = ["disk"], quotaBytes: bigint | null = null): Promise<TwoCores> {
    const folder = mkdtempSync(path.join(tmpdir(), "twincore-replication-"));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const source = await Core.start("source", folder);
    const target = await Core.start("target", folder);
    const agent = { name: "machine", hostName: "machine.example" };
    const { id: agentId } = await source.db.prisma.agent.create({
      data: { ...agent, tenantId: source.tenantId, repositoryId: source.repositoryId },
    });
    const volumeIds: Record<string, string> = {};
    for (const name of volumeNames)
      volumeIds[name] = (
        await source.db.prisma.volume.create({ data: { agentId, name, kind: "image", path: "/x" } })
      ).id;
    const sourcePairingId = await pair(source, "source");
    const targetPairingId = await pair(target, "target");
    await target.db.prisma.agent.create({
      data: {
        ...agent,
        id: agentId,
        tenantId: target.tenantId,
        repositoryId: target.repositoryId,
        pairingId: targetPairingId,
        leadPairingId: targetPairingId,
      },
    });
    await setAgentQuota(target.db, agentId, quotaBytes);
    const sessions = { sourceSessionId: await session(source, "source", agentId, sourcePairingId) };
    const targetSessionId = await session(target, "target", agentId, targetPairingId);
    return new TwoCores(source, target, {
      agentId,
      volumeIds,
      sourcePairingId,
      targetPairingId,
      ...sessions,
      targetSessionId,
    });
  }

  /** The source as the target's engine sees it. */
  get peerCtx(): EngineContext {
    return this.target.as({ kind: "peer", pairingId: this.ids.targetPairingId, name: "source" });
  }

  readonly connect: ConnectTarget = async (_pairingId, hooks) =>
    this.wrap(counted(inProcessTarget(this.peerCtx, hooks), this.calls));

  /** A target as a client of another make would have it. */
  get client(): TargetCore {
    return inProcessTarget(this.peerCtx, { signal: new AbortController().signal });
  }

  capture(volumes: Record<string, Buffer>): Promise<string> {
    const captured = Object.entries(volumes).map(([name, bytes]) => ({
      volumeId: this.ids.volumeIds[name] ?? "",
      name,
      bytes,
    }));
    return captureBytes(this.source.ctx, this.ids.agentId, captured);
  }

  /** One attempt of a run, as the worker makes it. */
  run(signal: AbortSignal = new AbortController().signal): Promise<void> {
    const ctx = this.source.as({ kind: "job", name: "run-replication" });
    const input = {
      sessionId: this.ids.sourceSessionId,
      owner: randomUUID(),
      signal,
      connect: this.connect,
      preference: this.preference,
    };
    return runReplication(ctx, input);
  }

  /** Every byte of every volume of the point, as the target gives it back. */
  async expectOnTarget(pointId: string | undefined, volumes: Record<string, Buffer>): Promise<void> {
    const found = await readBytes(this.target.ctx, pointId ?? "no point");
    expect([...found.keys()].sort()).toEqual(Object.keys(volumes).sort());
    // Not toEqual: it compares large buffers a byte at a time.
    for (const [name, bytes] of Object.entries(volumes)) expect(found.get(name)?.equals(bytes), name).toBe(true);
  }

  targetPoints(): Promise<string[]> {
    return this.target.db.prisma.recoveryPoint
      .findMany({ where: { agentId: this.ids.agentId }, orderBy: { sequence: "asc" } })
      .then((points) => points.map(({ id }) => id));
  }

  sourceSession() {
    return this.source.db.prisma.replicationSession.findUniqueOrThrow({ where: { id: this.ids.sourceSessionId } });
  }

  targetSession() {
    return this.target.db.prisma.replicationSession.findUniqueOrThrow({ where: { id: this.ids.targetSessionId } });
  }

  /** The newest run on a side. */
  async newestRun(side: "source" | "target" = "source") {
    const sessionId = side === "source" ? this.ids.sourceSessionId : this.ids.targetSessionId;
    return this[side].db.prisma.run.findFirstOrThrow({ where: { sessionId }, orderBy: { createdAt: "desc" } });
  }

  /** Frame bytes in the target's packs: what really came across, once. */
  async storedRecords(): Promise<{ records: number; bytes: number; packs: number }> {
    const { rows } = await this.target.db.pool.query(
      `select (select count(*)::int from record) as records, (select coalesce(sum(length), 0)::int from record) as bytes,
         (select count(*)::int from pack) as packs`,
    );
    return rows[0];
  }
}

async function pair(core: Core, side: "source" | "target"): Promise<string> {
  const { id } = await core.db.prisma.pairing.create({
    data: {
      side,
      state: "established",
      peerName: side === "source" ? "target" : "source",
      requestKeyDigest: new Uint8Array(32),
      verificationCode: "TEST",
      tenantId: side === "target" ? core.tenantId : null,
    },
  });
  return id;
}

async function session(core: Core, side: "source" | "target", agentId: string, pairingId: string): Promise<string> {
  const role = side === "source" ? "source" : "destination";
  const { id } = await core.db.prisma.replicationSession.create({ data: { side, role, agentId, pairingId } });
  return id;
}

type Method = Exclude<keyof TargetCore, "close">;

/** A target with something done around each call. */
export function around(
  target: TargetCore,
  wrap: (name: Method, call: () => Promise<unknown>, args: unknown[]) => Promise<unknown>,
): TargetCore {
  return new Proxy(target, {
    get(core, property, receiver) {
      const method: unknown = Reflect.get(core, property, receiver);
      if (typeof method !== "function" || property === "close") return method;
      // Every method but close gives a promise.
      return (...args: unknown[]) => wrap(property as Method, () => method.apply(core, args), args);
    },
  });
}

export const counted = (target: TargetCore, calls: string[]): TargetCore =>
  around(target, (name, call) => {
    calls.push(name);
    return call();
  });
