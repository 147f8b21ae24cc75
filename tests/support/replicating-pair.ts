import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { adminContract } from "@/lib/admin/contract";
import type { AgentDetail } from "@/lib/engine/agents/schemas";
import type { PairingSummary } from "@/lib/engine/pairing/schemas";
import type { RecoveryPointDetail } from "@/lib/engine/recovery-points/schemas";
import type { RepositorySummary } from "@/lib/engine/repositories/schemas";
import type { SessionSummary } from "@/lib/engine/sessions/schemas";
import { CoreUnderTest } from "./core-under-test";
import { TcpProxy } from "./tcp-proxy";
import { until } from "./until";

/** Two paired cores with a proxy between them, and one agent whose disk is a file. */
export class ReplicatingPair {
  private constructor(
    readonly folder: string,
    readonly source: CoreUnderTest,
    readonly target: CoreUnderTest,
    readonly proxy: TcpProxy,
    readonly repository: RepositorySummary,
    readonly agent: AgentDetail,
    readonly pairing: PairingSummary,
  ) {}

  /** The file that is the agent's disk. */
  get disk(): string {
    return path.join(this.folder, "disk.img");
  }

  /** `targetRepository`: where the target keeps what arrives; a folder in its home when not given. */
  static async start(targetRepository?: string): Promise<ReplicatingPair> {
    const folder = mkdtempSync(path.join(tmpdir(), "twincore-system-"));
    const source = await CoreUnderTest.start("source", folder);
    const target = await CoreUnderTest.start("target", folder);
    const proxy = await TcpProxy.start(Number(new URL(target.runtime.peerUrl).port));
    const ofSource = await addRepository(source, path.join(source.home, "repository"));
    const ofTarget = await addRepository(target, targetRepository ?? path.join(target.home, "repository"));
    const disk = path.join(folder, "disk.img");
    writeFileSync(disk, "");
    const agent = await source.call(adminContract.createAgent, {
      name: "machine",
      repositoryId: ofSource.id,
      volumes: [{ kind: "image", name: "disk", path: disk }],
    });
    const pairing = await pair(source, target, `https://127.0.0.1:${proxy.port}`, agent.id, ofTarget.id);
    return new ReplicatingPair(folder, source, target, proxy, ofTarget, agent, pairing);
  }

  async stop(): Promise<void> {
    await this.proxy.stop();
    await Promise.all([this.source.stop(), this.target.stop()]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** After the target was started again: it listens elsewhere. */
  followTarget(): void {
    this.proxy.leadTo(Number(new URL(this.target.runtime.peerUrl).port));
  }

  /** Captures the disk as it is now; replication of it begins by itself. */
  async capture(): Promise<RecoveryPointDetail> {
    const task = await this.source.call(adminContract.startCapture, { agentId: this.agent.id });
    const done = await until("the end of the capture", async () => {
      const report = await this.source.call(adminContract.getTask, { id: task.id });
      if (report.state === "failed" || report.state === "cancelled")
        throw new Error(`the capture ${report.state}: ${report.failure?.message}`);
      return report.state === "succeeded" && report;
    });
    return this.source.call(adminContract.getRecoveryPoint, { id: done.recoveryPointId ?? "" });
  }

  async session(core: CoreUnderTest = this.source): Promise<SessionSummary> {
    const { items } = await core.call(adminContract.listSessions, { agentId: this.agent.id });
    const [session] = items;
    if (!session) throw new Error(`the core ${core.name} has no session of the agent`);
    return session;
  }

  /** Resolves when the target lists the recovery point. Nobody helps it. */
  async arrived(point: RecoveryPointDetail): Promise<RecoveryPointDetail> {
    try {
      return await until(
        `recovery point ${point.sequence} on the target`,
        () => this.target.call(adminContract.getRecoveryPoint, { id: point.id }),
        180_000,
      );
    } catch (error) {
      const session = await this.session().catch(String);
      throw new Error(
        `${error}\nsession on the source: ${JSON.stringify(session, null, 1)}\n--- source\n${this.source.logTail()}\n--- target\n${this.target.logTail()}`,
        { cause: error },
      );
    }
  }

  /** Resolves when the source, too, knows that nothing is left to send. */
  settled(): Promise<SessionSummary> {
    return until("a session without pending points", async () => {
      const session = await this.session();
      return session.state === "ok" && session.pendingPoints === 0 && session.run?.endedAt != null && session;
    });
  }
}

function addRepository(core: CoreUnderTest, folder: string): Promise<RepositorySummary> {
  return core.call(adminContract.createRepository, { name: "main", path: folder });
}

async function pair(source: CoreUnderTest, target: CoreUnderTest, url: string, agentId: string, repositoryId: string) {
  const sent = await source.call(adminContract.sendPairingRequest, { targetUrl: url, agentIds: [agentId] });
  const request = await until("the request on the target", async () => {
    const { items } = await target.call(adminContract.listPairings, { side: "target", state: "pending" });
    return items.find((one) => one.verificationCode === sent.verificationCode);
  });
  await target.call(adminContract.approvePairing, { id: request.id, agents: [{ agentId, repositoryId }] });
  return until("the pairing on the source", async () => {
    const found = await source.call(adminContract.getPairing, { id: sent.id });
    return found.state === "established" && found;
  });
}
