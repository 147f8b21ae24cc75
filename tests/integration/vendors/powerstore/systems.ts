import { randomUUID } from "node:crypto";
import { runReplication } from "@/lib/engine/replication";
import { createRepository } from "@/lib/engine/repositories";
import { hearTargets } from "@/lib/engine/sessions";
import { connectTarget } from "@/lib/jobs/connect-target";
import { powerstore } from "@/lib/vendors/powerstore";
import { pairCores } from "../../../support/pair";
import { PeerCore } from "../../../support/peer-core";
import { VendorCore } from "../../../support/vendor-core";

/** In this order, so that a word is heard before what it leads to is done. */
const WORK = ["run-task", "advance-session", "tell-session", "update-metadata", "delete-agent"] as const;
/** A change of roles with everything that follows takes about ten. */
const ROUNDS_MAX = 40;

/** Two systems, each behind its PowerStore door, that replicate over mutual TLS; the second one takes in whatever the first asks for. */
export class Systems {
  private constructor(
    readonly local: VendorCore,
    readonly remote: VendorCore,
  ) {}

  static async start(): Promise<Systems> {
    const [caller, callee] = [await PeerCore.start("Harbour"), await PeerCore.start("Vault")];
    const ids = await pairCores(caller, callee);
    const id = await ownRepository(callee);
    await ownRepository(caller);
    await callee.db.prisma.pairing.update({ where: { id: ids.targetId }, data: { acceptRepositoryId: id } });
    return new Systems(await VendorCore.around(caller, [powerstore]), await VendorCore.around(callee, [powerstore]));
  }

  /** As some minutes would: looks and work, until nothing is left. */
  async settle(minutes = 4): Promise<void> {
    const { peer } = this.local;
    const ctx = peer.ctx({ kind: "job", name: "sweep" });
    for (let minute = 0; minute < minutes; minute++) {
      await peer.runPolls();
      await hearTargets(ctx, connectTarget(ctx));
      await this.work();
      const due = await peer.db.prisma.replicationSession.findMany({
        where: {
          nextRunAt: { not: null },
          state: { notIn: ["ended", "deleting", "paused"] },
          agent: { volumes: { some: { managedBytes: { not: null } } } },
        },
      });
      for (const { id } of due) peer.jobs.push({ name: "run-replication", payload: { sessionId: id } });
      await this.work();
    }
  }

  private async work(): Promise<void> {
    const cores = [this.remote.peer, this.local.peer];
    for (let round = 0; round < ROUNDS_MAX; round++) {
      if (!cores.some(({ jobs }) => jobs.some(({ name }) => isWork(name)))) return;
      await this.replicate();
      for (const core of cores) for (const name of WORK) await core.runJobs(name);
    }
    throw new Error("the two systems do not come to rest");
  }

  /** Only the side that calls runs. */
  private async replicate(): Promise<void> {
    const due = new Set<string>();
    for (const { peer } of [this.local, this.remote]) {
      for (const { name, payload } of peer.jobs)
        if (name === "run-replication" && peer === this.local.peer)
          due.add((payload as { sessionId: string }).sessionId);
      peer.jobs = peer.jobs.filter(({ name }) => name !== "run-replication");
    }
    const ctx = this.local.peer.ctx({ kind: "job", name: "run-replication" });
    const { signal } = new AbortController();
    for (const sessionId of due)
      await runReplication(ctx, { sessionId, owner: randomUUID(), signal, connect: connectTarget(ctx) });
  }
}

/** A real repository in the place of those that pairing made for its agents. */
async function ownRepository(core: PeerCore): Promise<string> {
  const { id } = await createRepository(core.ctx(), { name: "real", path: `${core.home}/repository` });
  const { prisma } = core.db;
  for (const table of [prisma.agent, prisma.pairingAgent] as const)
    await (table as typeof prisma.agent).updateMany({ data: { repositoryId: id } });
  await prisma.repository.deleteMany({ where: { id: { not: id } } });
  return id;
}

const isWork = (name: string): boolean => name === "run-replication" || (WORK as readonly string[]).includes(name);
