import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { removeRecoveryPoint } from "@/lib/engine/recovery-points";
import {
  getVaultReplication,
  listReplicationDestinations,
  listVaultReplications,
  replicateImage,
  replicateVault,
  sweepVaultReplications,
} from "@/lib/engine/vault-replications";
import { withAgents } from "../../support/peer-core";
import { readBytes } from "../replication/records";
import { around } from "../replication/two-cores";
import { addAgent, TwoVaults } from "./two-vaults";

const vaults = await TwoVaults.start();
const { source, target, ids, input } = vaults;
const { prisma } = source.db;
const start = (more: object = {}) => replicateVault(source.ctx(), { ...input, ...more });
const states = async (id: string) => {
  const counts: Record<string, number> = {};
  for (const { state } of await vaults.records(id)) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
};

beforeEach(async () => {
  await prisma.replicationRecord.deleteMany();
  await prisma.vaultReplication.deleteMany();
  source.jobs = [];
});

describe("a vault of 50 images", () => {
  it("has one record for each, all of which come to success with their bytes on the target", async () => {
    const points = await vaults.capture(50);
    const { id, records } = await start();
    expect(records).toMatchObject({ total: 50, waiting: 50 });
    await vaults.work();
    const done = await vaults.records(id);
    expect(done).toHaveLength(50);
    expect(
      done.every(({ state, progressPercent, endedAt }) => state === "succeeded" && progressPercent === 100 && endedAt),
    ).toBe(true);
    expect(done.map(({ recoveryPointId }) => recoveryPointId)).toEqual(points);
    for (const pointId of [points[0], points[49]]) {
      const [here, there] = [
        await readBytes(source.ctx(), pointId ?? ""),
        await readBytes(target.ctx(), pointId ?? ""),
      ];
      expect(there.get("disk")?.equals(here.get("disk") ?? Buffer.alloc(0))).toBe(true);
    }
    expect(await getVaultReplication(source.ctx(), { id })).toMatchObject({
      progressPercent: 100,
      destinationCore: { name: "target" },
      destinationRepository: { id: ids.destinationId, name: "offsite" },
    });
  }, 120_000);

  it("succeeds at once, and sends nothing, when all of it is there", async () => {
    const { id } = await start();
    await source.runJobs("drive-vault-replications");
    const sent: string[] = [];
    await vaults.run((core) =>
      around(core, (name, call) => {
        sent.push(name);
        return call();
      }),
    );
    expect(await states(id)).toEqual({ succeeded: 50 });
    expect(sent).not.toContain("startImageSession");
  });
});

describe("a second call", () => {
  it("is refused while the first goes on, and taken after its end", async () => {
    await vaults.capture(1);
    const { id } = await start();
    await expect(start()).rejects.toMatchObject({ code: "conflict", options: { detail: "already-replicating" } });
    await vaults.work();
    expect((await getVaultReplication(source.ctx(), { id })).endedAt).not.toBeNull();
    await start();
    const { items, total } = await listVaultReplications(source.ctx(), { repositoryId: ids.repositoryId, limit: 1 });
    expect(total).toBe(2);
    expect(items[0]?.id).not.toBe(id);
  });

  it("at the same moment leaves one replication", async () => {
    const results = await Promise.allSettled([start(), start(), start(), start()]);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await prisma.vaultReplication.count()).toBe(1);
  });
});

describe("a call that cannot be", () => {
  it.each([
    ["unknown pairing", () => ({ pairingId: randomUUID() }), "unknown-destination"],
    ["unknown repository over there", () => ({ destinationRepositoryId: randomUUID() }), "unknown-destination"],
    [
      "repository of the target that is not for this core",
      () => ({ destinationRepositoryId: ids.foreignId }),
      "unknown-destination",
    ],
    ["destination that is the source", () => ({ destinationRepositoryId: ids.repositoryId }), "not-replicable"],
    ["repository without images", () => ({ repositoryId: ids.emptyRepositoryId }), "nothing-to-do"],
    ["tenant that has nothing in it", () => ({ tenantIds: [randomUUID()] }), "nothing-to-do"],
  ])("for its %s is refused by name, and writes nothing", async (_, more, detail) => {
    await expect(start(more())).rejects.toMatchObject({ options: { detail } });
    expect(await prisma.vaultReplication.count()).toBe(0);
    expect(await prisma.replicationRecord.count()).toBe(0);
  });

  it("for a repository that is not there is not found", async () => {
    await expect(start({ repositoryId: randomUUID() })).rejects.toMatchObject({ code: "not_found" });
  });

  it("in a pairing in which this core is the target is refused", async () => {
    const other = {
      ...input,
      pairingId: ids.targetPairingId,
      destinationRepositoryId: ids.repositoryId,
      repositoryId: ids.destinationId,
    };
    await expect(replicateVault(target.ctx(), other)).rejects.toMatchObject({ options: { detail: "not-replicable" } });
  });

  it("to a full destination is refused", async () => {
    const full = { ...source.ctx() };
    const peers = full.peers;
    if (!peers) throw new Error("no way to peers");
    const lying = {
      ...full,
      peers: {
        open: (credentials: Parameters<typeof peers.open>[0]) => {
          const core = peers.open(credentials);
          return new Proxy(core, {
            get: (object, property) =>
              property === "getRepositories"
                ? async () => {
                    const { repositories } = await core.getRepositories();
                    return { repositories: repositories.map((one) => ({ ...one, free: 1_000 })) };
                  }
                : Reflect.get(object, property),
          });
        },
      },
    };
    await expect(replicateVault(lying, input)).rejects.toMatchObject({
      code: "storage_full",
      options: { detail: "destination-full" },
    });
  });
});

describe("an image that cannot go", () => {
  it("is skipped with its reason: lost, incomplete, deleted before its turn", async () => {
    const [lost, incomplete, deleted, good] = await vaults.capture(4);
    await prisma.recoveryPoint.update({ where: { id: lost }, data: { lostAt: new Date(), lostReason: "a pack" } });
    await prisma.recoveryPoint.update({ where: { id: incomplete }, data: { missingVolumes: ["data"] } });
    const { id } = await start();
    await removeRecoveryPoint(source.ctx(), { id: deleted ?? "" });
    await vaults.work();
    const byPoint = new Map((await vaults.records(id)).map((record) => [record.recoveryPointId, record]));
    expect(byPoint.get(lost ?? "")).toMatchObject({ state: "skipped", failure: { code: "lost" } });
    expect(byPoint.get(incomplete ?? "")).toMatchObject({ state: "skipped", failure: { code: "incomplete" } });
    expect(byPoint.get(deleted ?? "")).toMatchObject({ state: "skipped", failure: { code: "deleted" }, pointAt: null });
    expect(byPoint.get(good ?? "")).toMatchObject({ state: "succeeded", failure: null });
  });

  it("that came from another core is skipped", async () => {
    const replica = await addAgent(target, ids.destinationId, "replica");
    await target.db.prisma.agent.update({ where: { id: replica }, data: { pairingId: ids.targetPairingId } });
    const owned = await prisma.agent.findUniqueOrThrow({ where: { id: ids.agentId } });
    await prisma.agent.update({ where: { id: owned.id }, data: { leadPairingId: ids.pairingId } });
    try {
      const { id, records } = await start();
      expect(records.skipped).toBe(records.total);
      expect((await vaults.records(id))[0]?.failure?.code).toBe("replica");
    } finally {
      await prisma.agent.update({ where: { id: owned.id }, data: { leadPairingId: null } });
    }
  });
});

describe("an agent that the target does not have", () => {
  it("is asked for; its records wait, say so, and go on once it is taken in", async () => {
    const agentId = await addAgent(source, ids.repositoryId, "asked");
    await vaults.capture(3, agentId);
    const { id } = await start();
    await vaults.work();
    const waiting = (await vaults.records(id)).filter(({ agent }) => agent.id === agentId);
    expect(waiting.map(({ state, failure }) => [state, failure?.code])).toEqual(Array(3).fill(["waiting", "asked"]));
    await vaults.approve(agentId);
    await sweepVaultReplications(source.ctx());
    source.jobs.push({ name: "poll-pairing", payload: { pairingId: ids.pairingId } });
    await vaults.work();
    expect(await states(id)).toEqual({ succeeded: (await vaults.records(id)).length - 2, skipped: 2 });
  });

  it("and lies in another of its repositories fails with that reason", async () => {
    const agentId = await addAgent(source, ids.repositoryId, "elsewhere");
    const [pointId] = await vaults.capture(1, agentId);
    const image = await prisma.volumeImage.findFirstOrThrow({ where: { recoveryPointId: pointId } });
    await replicateImage(source.ctx(), { ...input, imageId: image.id });
    await vaults.work();
    await vaults.approve(agentId, ids.foreignId);
    source.jobs.push({ name: "poll-pairing", payload: { pairingId: ids.pairingId } });
    await vaults.work();
    const record = await prisma.replicationRecord.findFirstOrThrow({ where: { agentId } });
    expect(record).toMatchObject({ state: "failed", failureCode: "other-repository" });
  });
});

describe("one image", () => {
  it("is replicated by itself, and refused while it is on its way", async () => {
    const [pointId] = await vaults.capture(1);
    const image = await prisma.volumeImage.findFirstOrThrow({ where: { recoveryPointId: pointId } });
    const asked = { ...input, imageId: image.id };
    expect(await replicateImage(source.ctx(), asked)).toMatchObject({ state: "waiting", imageId: image.id });
    await expect(replicateImage(source.ctx(), asked)).rejects.toMatchObject({ options: { detail: "in-use" } });
    await vaults.work();
    expect(await prisma.replicationRecord.findMany({ select: { state: true } })).toEqual([{ state: "succeeded" }]);
  });

  it.each([
    ["is not there", () => ({ imageId: randomUUID() })],
    ["is another tenant's", () => ({ tenantIds: [randomUUID()] })],
  ])("that %s is not found", async (_, more) => {
    const image = await prisma.volumeImage.findFirstOrThrow();
    const asked = { ...input, imageId: image.id, ...more() };
    await expect(replicateImage(source.ctx(), asked)).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("the destinations", () => {
  it("are the cores that this one sends to, with the repositories that each offers and no others", async () => {
    const { core, destinations } = await listReplicationDestinations(source.ctx(), {});
    expect(core.name).toBe("source");
    expect(destinations).toMatchObject([{ pairingId: ids.pairingId, reachable: true, message: null }]);
    expect(destinations[0]?.repositories.map(({ id }) => id)).toContain(ids.destinationId);
    expect((await listReplicationDestinations(target.ctx(), {})).destinations).toEqual([]);
  });

  it("have the repository that would take agents of this core, although it holds none yet", async () => {
    const offered = async () => {
      const { destinations } = await listReplicationDestinations(source.ctx(), {});
      return destinations[0]?.repositories.map(({ id }) => id);
    };
    const { repositoryId } = await withAgents(target, []);
    expect(await offered()).not.toContain(repositoryId);
    const where = { id: ids.targetPairingId };
    await target.db.prisma.pairing.update({ where, data: { acceptRepositoryId: repositoryId } });
    expect(await offered()).toContain(repositoryId);
    await target.db.prisma.pairing.update({ where, data: { acceptRepositoryId: null } });
  });
});
