import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";
import { approvePairing, listPairings, sendPairingRequest } from "@/lib/engine/pairing";
import { approveAgents } from "@/lib/engine/pairing/agents";
import { runReplication } from "@/lib/engine/replication";
import type { ConnectTarget, TargetCore } from "@/lib/engine/replication/target-core";
import { createRepository } from "@/lib/engine/repositories";
import { listReplicationRecords } from "@/lib/engine/vault-replications";
import { connectTarget } from "@/lib/jobs/connect-target";
import { requestTo } from "../../support/pair";
import { PeerCore } from "../../support/peer-core";
import { captureBytes, noise } from "../replication/records";

/** Two cores over mutual TLS with repositories in real folders. The target has taken the first agent, into its first repository. */
export class TwoVaults {
  private constructor(
    readonly source: PeerCore,
    readonly target: PeerCore,
    readonly ids: {
      repositoryId: string;
      emptyRepositoryId: string;
      destinationId: string;
      /** On the target too, and of no concern to this source. */
      foreignId: string;
      pairingId: string;
      targetPairingId: string;
      agentId: string;
    },
  ) {}

  static async start(): Promise<TwoVaults> {
    const folder = mkdtempSync(path.join(tmpdir(), "twincore-vaults-"));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const source = await PeerCore.start("source");
    const target = await PeerCore.start("target");
    const made = async (core: PeerCore, name: string) =>
      (await createRepository(core.ctx(), { name, path: path.join(folder, core.name, name) })).id;
    const repositoryId = await made(source, "vault");
    const destinationId = await made(target, "offsite");
    const agentId = await addAgent(source, repositoryId, "mail");
    const { id: pairingId } = await sendPairingRequest(source.ctx(), requestTo(target.url, [agentId]));
    const { items } = await listPairings(target.ctx(), { state: "pending", side: "target", limit: 1 });
    const targetPairingId = items[0]?.id ?? "";
    const agents = [{ agentId, repositoryId: destinationId, quotaBytes: null }];
    await approvePairing(target.ctx(), { id: targetPairingId, agents, rateCapBytesPerSecond: null });
    await source.runPolls();
    const emptyRepositoryId = await made(source, "empty");
    const foreignId = await made(target, "others");
    return new TwoVaults(source, target, {
      repositoryId,
      emptyRepositoryId,
      destinationId,
      foreignId,
      pairingId,
      targetPairingId,
      agentId,
    });
  }

  get input() {
    const { repositoryId, pairingId, destinationId: destinationRepositoryId } = this.ids;
    return { repositoryId, pairingId, destinationRepositoryId, autoTrigger: false };
  }

  /** Ids of the new points, the oldest first. */
  async capture(count: number, agentId = this.ids.agentId, bytes = 40_000): Promise<string[]> {
    const volume = await this.source.db.prisma.volume.findFirstOrThrow({ where: { agentId } });
    const ids: string[] = [];
    for (let index = 0; index < count; index++)
      ids.push(
        await captureBytes(this.source.ctx(), agentId, [
          { volumeId: volume.id, name: volume.name, bytes: noise(randomUUID(), bytes) },
        ]),
      );
    return ids;
  }

  /** What the worker of the source does until nothing more is asked for. */
  async work(): Promise<void> {
    for (let round = 0; round < 5; round++) {
      await this.source.runJobs("drive-vault-replications");
      await this.source.runPolls();
      await this.runAsked();
    }
  }

  private async runAsked(): Promise<void> {
    const asked = this.source.jobs.filter(({ name }) => name === "run-replication");
    this.source.jobs = this.source.jobs.filter(({ name }) => name !== "run-replication");
    const sessionIds = asked.map(({ payload }) => ("sessionId" in payload ? payload.sessionId : ""));
    for (const sessionId of new Set(sessionIds)) await this.runSession(sessionId, (core) => core);
  }

  /** One attempt of the first agent's run, whose target is wrapped. */
  async run(wrap: (target: TargetCore) => TargetCore, signal?: AbortSignal): Promise<void> {
    const where = { agentId: this.ids.agentId };
    const { id } = await this.source.db.prisma.replicationSession.findFirstOrThrow({ where });
    await this.runSession(id, wrap, signal);
  }

  private async runSession(
    sessionId: string,
    wrap: (target: TargetCore) => TargetCore,
    signal = new AbortController().signal,
  ): Promise<void> {
    const ctx = this.source.ctx({ kind: "job", name: "run-replication" });
    const connect: ConnectTarget = async (id, hooks) => wrap(await connectTarget(ctx)(id, hooks));
    await runReplication(ctx, { sessionId, owner: randomUUID(), signal, connect });
  }

  async records(vaultReplicationId: string) {
    const { items } = await listReplicationRecords(this.source.ctx(), { vaultReplicationId, limit: 1000 });
    return items;
  }

  /** The target's people take an agent that was asked for. */
  approve(agentId: string, repositoryId = this.ids.destinationId) {
    const agents = [{ agentId, repositoryId, quotaBytes: null }];
    return approveAgents(this.target.ctx(), { id: this.ids.targetPairingId, agents });
  }
}

/** An agent with one disk. */
export async function addAgent(core: PeerCore, repositoryId: string, name: string): Promise<string> {
  const tenant = await core.db.prisma.tenant.findUniqueOrThrow({ where: { name: "Home" } });
  const { id } = await core.db.prisma.agent.create({
    data: { name, hostName: `${name}.example`, tenantId: tenant.id, repositoryId },
  });
  await core.db.prisma.volume.create({ data: { agentId: id, name: "disk", kind: "image", path: "/disk" } });
  return id;
}
