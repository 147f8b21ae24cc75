import { createHash, randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { packBits, scidOf } from "@/lib/engine/manifests";
import { encodeKeys } from "@/lib/engine/records/key";
import { makeCertificateRequest } from "@/lib/engine/trust/x509";
import { operations } from "@/lib/peer/operations";
import { rowOf, type WireAnswer, type WireFormat } from "../../support/wire-client";
import { noise } from "../replication/records";
import { PUBLISHED_OPERATIONS } from "./published";
import { type Offer, World } from "./world";

const MiB = 1024 * 1024;

/** What one call of the contract found out that later ones need. */
interface Notes {
  offer: Offer;
  /** The same disk later, with two records changed. */
  next: Offer;
  newcomer: Awaited<ReturnType<World["newCore"]>>;
  certificateRequest: string;
  enroller: Awaited<ReturnType<World["newCore"]>> & {
    authorization: string | undefined;
    agent: ReturnType<typeof newAgent>;
  };
  enrollerRequest: string;
  masterJobId: string;
  jobId: string;
  sessionId: string;
  uploadSessionId: string;
  moreAgents: { id: string; displayName: string; hostName: string; size: number }[];
  demandedAgent: { id: string; displayName: string; hostName: string; size: number };
}

/** One operation called as its published meaning says; the answer is what the next ones build on. */
interface Step {
  readonly name: string;
  readonly who?: (notes: Notes) => Parameters<World["client"]>[1];
  readonly input?: (world: World, notes: Notes) => Record<string, unknown>;
  readonly stream?: (notes: Notes) => Uint8Array;
  readonly check?: (answer: WireAnswer, world: World, notes: Notes) => void | Promise<void>;
}

const agent = ({ agentId }: World) => ({ agentId });
const session = (world: World, { jobId, sessionId }: Notes) => ({ agentId: world.agentId, jobId, sessionId });
const newcomer = (notes: Notes) => notes.newcomer;
const coreInfo = (hostName: string) => ({
  hostName,
  id: randomUUID(),
  isReplicationOnlyRepositorySupported: false,
  version: { _Major: 1, _Minor: 0, _Build: 0, _Revision: 0 },
});

const ownCore = ({ sourceCoreId }: World) => ({ ...coreInfo("Harbour"), id: sourceCoreId });
const newAgent = (displayName: string) => ({
  id: randomUUID(),
  displayName,
  hostName: `${displayName}.example`,
  size: 4096,
});
const demanded = ({ repositoryId }: World, { demandedAgent }: Notes) => ({
  agents: [{ agentInfo: demandedAgent, repositoryId }],
});
const expectRelation = (value: unknown, { agentId, repositoryId }: World) => {
  expect(JSON.stringify(value)).toContain(agentId);
  expect(JSON.stringify(value)).toContain(repositoryId);
};
const bitsOf = (bytes: Buffer) => bytes.reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
const scid = ({ headerHash }: Offer) => scidOf(Buffer.from(headerHash, "hex"));
const changed = ({ offer, next }: Notes) =>
  next.keys.map(({ digest }, at) => !digest.equals(offer.keys[at]?.digest ?? Buffer.alloc(0)));
const changedKeys = (notes: Notes) => encodeKeys(notes.next.keys.filter((_, at) => changed(notes)[at]));
const DLL = noise("a library", 70_000);
const digest = (algorithm: "md5" | "sha256") => createHash(algorithm).update(DLL).digest("hex");

const steps: readonly Step[] = [
  {
    name: "GetCoreId",
    who: () => ({}),
    input: () => ({ useCredentials: "false" }),
    check: async ({ value }, { target }) =>
      expect(await target.db.prisma.core.findUnique({ where: { id: value } })).not.toBeNull(),
  },
  {
    name: "VerifyReplicationCorePairingAbility",
    who: () => "administrator",
    input: () => ({ useCredentials: "true", ...coreInfo("Newcomer") }),
    check: ({ value }) => expect(value).toMatchObject({ hostName: "Vault" }),
  },
  {
    name: "GetRemoteMasterCoresForDemand",
    who: () => "administrator",
    check: ({ value }) => expect(JSON.stringify(value)).toContain("Harbour"),
  },
  {
    name: "RequestPairing",
    who: newcomer,
    input: (_, { certificateRequest }) => ({
      masterCoreInfo: coreInfo("Newcomer"),
      certificateRequest,
      emailAddress: "ops@example.com",
      customerId: "4711",
      comments: "Two lines &\n<one> more",
      agents: [{ id: randomUUID(), displayName: "mail", hostName: "mail.example", size: 1024 }],
    }),
    check: async ({ value, headers }, { target }) => {
      expect(value).toMatchObject({ hostName: "Vault" });
      expect(headers.connection).toBe("close");
      const asked = await target.db.prisma.pairing.findFirstOrThrow({ where: { peerName: "Newcomer" } });
      expect(asked).toMatchObject({ state: "pending", customerId: "4711", comments: "Two lines &\n<one> more" });
    },
  },
  {
    name: "DemandPairing",
    who: ({ enroller }) => enroller,
    input: ({ repositoryId }, { enroller, enrollerRequest }) => ({
      masterCoreInfo: coreInfo("Enroller"),
      certificateRequest: enrollerRequest,
      agents: [{ agentInfo: enroller.agent, repositoryId }],
    }),
    check: async ({ value, headers }, { target }, { enroller }) => {
      expect(value.agents).toMatchObject([{ agentId: enroller.agent.id, agentPairingState: "Established" }]);
      expect(headers.connection).toBe("close");
      expect(await target.db.prisma.pairing.findFirst({ where: { peerName: "Enroller" } })).toMatchObject({
        state: "established",
        way: "demand",
      });
    },
  },
  {
    name: "SyncPairingStatus",
    who: newcomer,
    input: () => ({}),
    check: ({ value }) =>
      expect(value).toMatchObject({ pairingState: "Pending", agents: [{ agentPairingState: "Pending" }] }),
  },
  {
    name: "GetCoreSummaryInfo",
    who: () => ({}),
    check: ({ value }) => expect(value).toMatchObject({ hostName: "Vault" }),
  },
  {
    name: "GetRepositories",
    check: ({ value }, { repositoryId }) => expect(value.repositories).toMatchObject([{ id: repositoryId }]),
  },
  {
    name: "GetReplicatedAgents",
    check: ({ value }, { agentId }) => expect(value.agents).toMatchObject([{ id: agentId, displayName: "db" }]),
  },
  { name: "VerifyReplicationAbility", input: agent },
  {
    name: "StartMetadataUpdate",
    input: ({ agentId, volumeId }) => ({
      agentId,
      displayName: "Datenbank ü",
      hostName: "db.example",
      volumes: [{ id: volumeId, displayName: "disk", volumeKind: "image" }],
    }),
    check: async (_, { target, agentId }) =>
      expect(await target.db.prisma.agent.findUnique({ where: { id: agentId } })).toMatchObject({
        name: "Datenbank ü",
      }),
  },
  { name: "GetMetadataUpdateProgress", input: agent, check: ({ value }) => expect(value.status).toBe("Succeeded") },
  {
    name: "StartMetadataUpdateJob",
    input: ({ agentId }) => ({ agentId, labels: ["prod", "two words"] }),
    check: async (_, { target, agentId }) => {
      await target.runJobs("update-metadata");
      expect(await target.db.prisma.agent.findUnique({ where: { id: agentId } })).toMatchObject({
        labels: ["prod", "two words"],
      });
    },
  },
  { name: "CancelRemoteMetadataUpdate", input: agent },
  {
    name: "StartRemoteReplicationJob",
    input: ({ agentId }, { masterJobId }) => ({ agentId, masterJobId }),
    check: ({ value }, _, notes) => {
      notes.jobId = value;
    },
  },
  {
    name: "SyncRemoteReplicationJob",
    input: ({ agentId }, { jobId }) => ({ agentId, jobId, job: { id: jobId, summary: "by hand", status: "Running" } }),
    check: ({ value }) => expect(value).toMatchObject({ requested: "Continue" }),
  },
  {
    name: "StartNewVolumeImageReplicationSession",
    input: (world, { offer, jobId }) => world.declaration(offer, jobId),
    check: ({ value }, _, notes) => {
      notes.sessionId = value;
    },
  },
  {
    name: "NegotiateMissingRecords",
    input: session,
    stream: ({ offer }) => offer.keyBytes,
    check: ({ bytes }, _, { offer }) => expect(bytes.equals(offer.keyBytes)).toBe(true),
  },
  { name: "TransferMissingRecords", input: session, stream: ({ offer }) => Buffer.concat(offer.frames) },
  {
    name: "GetVolumeImageTransferredBlocks",
    input: (_, { sessionId }) => ({ sessionId }),
    check: ({ bytes }, _, { offer }) => expect(bitsOf(bytes)).toBe(offer.keys.length),
  },
  {
    name: "StartEndingVolumeImageReplicationSession",
    input: (world, notes) => ({ ...session(world, notes), commit: "true" }),
    check: (_, { target }) => target.runJobs("commit-image"),
  },
  {
    name: "PokeVolumeImageCommittingProcess",
    input: session,
    check: ({ value }) => expect(value).toBe("Committed"),
  },
  { name: "EndVolumeImageReplicationSession", input: (world, notes) => ({ ...session(world, notes), commit: "true" }) },
  {
    name: "GetAgentRecoveryPoints",
    input: agent,
    check: ({ value }, { agentId }, { offer }) =>
      expect(value.recoveryPoints).toMatchObject([{ id: offer.pointId, agentId, size: offer.sizeBytes }]),
  },
  {
    name: "SelectRangeAgentRecoveryPoints",
    input: ({ agentId }) => ({ agentId, skipCount: 0, maxCount: 10 }),
    check: ({ value }) => expect(value).toMatchObject({ total: 1 }),
  },
  { name: "StartTransferJob", input: ({ agentId }, { jobId }) => ({ agentId, jobId }) },
  {
    name: "StartNewO3EDirectVolumeImageReplicationSession",
    input: (world, { offer, next, jobId }) => ({
      ...world.declaration(next, jobId),
      baseVolumeImageId: offer.imageId,
      baseHeaderHash: offer.headerHash,
    }),
    check: ({ value }, _, notes) => {
      notes.sessionId = value;
    },
  },
  {
    name: "GetRemoteAgentRepositoryConnectionDescription",
    input: session,
    check: ({ value }, { repositoryId }) => expect(value).toMatchObject({ repositoryId }),
  },
  {
    name: "GetRemoteSnapshotFileInfo",
    input: session,
    check: ({ value }, { volumeId }, { offer }) =>
      expect(value.openInfo).toMatchObject({ volumeId, scid: scid(offer), partial: true }),
  },
  {
    name: "SendSnapshotFileScid",
    input: (world, notes) => ({ ...session(world, notes), baseScid: scid(notes.offer), scid: scid(notes.next) }),
  },
  {
    name: "SendSnapshotIndividualBitmap",
    input: session,
    stream: (notes) => packBits(changed(notes)),
  },
  {
    name: "O3EDirectNegotiateData",
    input: session,
    stream: (notes) => changedKeys(notes),
    check: ({ bytes }, _, notes) => expect(bytes.equals(changedKeys(notes))).toBe(true),
  },
  {
    name: "TransferMissingRecords",
    input: session,
    stream: (notes) => Buffer.concat(notes.next.frames.filter((_, at) => changed(notes)[at])),
  },
  {
    name: "GetTransferredBlocksForParticularVolumeImage",
    input: ({ agentId, volumeId }, { next }) => ({ agentId, volumeDriverId: volumeId, epochNumber: next.epoch }),
    check: ({ bytes }, _, { next }) => expect(bitsOf(bytes)).toBe(next.keys.length),
  },
  { name: "EndVolumeImageReplicationSession", input: (world, notes) => ({ ...session(world, notes), commit: "true" }) },
  { name: "GetAgentRecoveryPointsCount", input: agent, check: ({ value }) => expect(value).toBe(2) },
  {
    name: "GetBasicReplicatedVolumeImagesInfo54X",
    input: agent,
    check: ({ value }, _, { offer, next }) => {
      for (const { imageId } of [offer, next]) expect(JSON.stringify(value)).toContain(imageId);
    },
  },
  {
    name: "GetOrphanedReplicatedVolumeImagesInfo54X",
    input: agent,
    check: ({ value }, _, { offer }) => expect(JSON.stringify(value)).not.toContain(offer.imageId),
  },
  {
    name: "UpdateReplicationStatus",
    input: ({ agentId }, { jobId }) => ({ agentId, id: jobId, status: "Succeeded" }),
    check: async (_, { target }, { masterJobId }) =>
      expect(await target.db.prisma.run.findFirst({ where: { remoteJobId: masterJobId } })).toMatchObject({
        state: "succeeded",
      }),
  },
  {
    name: "UpdateMasterStorageUsage",
    input: ({ agentId, repositoryId }) => ({
      agents: [
        {
          id: agentId,
          displayName: "db",
          hostName: "db.example",
          newestRpTimestamp: "2026-11-20T10:00:00Z",
          oldestRpTimestamp: null,
          recoveryPointCount: 3,
          totalBytesProtected: 12_345,
        },
      ],
      repositories: [{ id: repositoryId, name: "main", bytesFree: 10, bytesUsed: 20 }],
    }),
    check: async (_, { target }) =>
      expect(await target.db.prisma.usageEntry.findFirst({ where: { origin: "reported" } })).toMatchObject({
        protectedBytes: 12_345n,
      }),
  },
  {
    name: "GetReplicatedAgentsStorageUsage",
    check: ({ value }, { agentId }) => expect(value.agents).toMatchObject([{ id: agentId, recoveryPointCount: 2 }]),
  },
  {
    name: "GetAgents",
    check: ({ value }, { agentId }) => expect(value.agents).toMatchObject([{ id: agentId }]),
  },
  {
    name: "GetReplicatedAgentsRecoveryPointsInfo",
    check: ({ value }, { agentId }) => expect(JSON.stringify(value)).toContain(agentId),
  },
  {
    name: "GetRepositoryFreeSpaceForAgent",
    input: agent,
    check: ({ value }) => expect(value).toBeGreaterThan(0),
  },
  {
    name: "GetAgentRepositoryRelationships",
    check: ({ value }, world) => expectRelation(value, world),
  },
  {
    name: "GetAgentRepositoryRelationshipsByCoreInfo",
    input: ownCore,
    check: ({ value }, world) => expectRelation(value, world),
  },
  {
    name: "GetAgentRepositoryRelationshipsByDemand",
    who: () => "administrator",
    check: ({ value }, world) => expectRelation(value, world),
  },
  {
    name: "GetAgentRepositoryRelationshipsByDemandByCoreInfo",
    who: () => "administrator",
    input: ownCore,
    check: ({ value }, world) => expectRelation(value, world),
  },
  { name: "VerifyAddAgentsByRequest", input: (_, { moreAgents }) => ({ agents: moreAgents }) },
  {
    name: "AddAgentsByRequest",
    input: (_, { moreAgents }) => ({ agents: moreAgents, comments: "two more, please" }),
    check: async (_, { target, pair }) =>
      expect(
        await target.db.prisma.pairingAgent.findMany({ where: { pairingId: pair.targetId, state: "pending" } }),
      ).toMatchObject([{ name: "files" }]),
  },
  { name: "VerifyAddAgentsByDemand", who: () => "pairedAdministrator", input: demanded },
  {
    name: "AddAgentsByDemand",
    who: () => "pairedAdministrator",
    input: demanded,
    check: async (_, { target, pair, repositoryId }, { demandedAgent }) =>
      expect(await target.db.prisma.agent.findUnique({ where: { id: demandedAgent.id } })).toMatchObject({
        pairingId: pair.targetId,
        repositoryId,
      }),
  },
  {
    name: "DeleteAgent",
    input: (_, { demandedAgent }) => ({ agentId: demandedAgent.id }),
    check: async (_, { target }, { demandedAgent }) => {
      await target.runJobs("delete-agent");
      expect(await target.db.prisma.agent.findUnique({ where: { id: demandedAgent.id } })).toBeNull();
    },
  },
  { name: "GetConsumedSeedDrives", input: agent, check: ({ value }) => expect(Object.values(value)).toEqual([[]]) },
  {
    name: "StartNewUploadSession",
    input: () => ({ fileName: "ese.dll", fileSize: DLL.length, md5Hash: digest("md5"), version: "Exchange2010" }),
    check: ({ value }, _, notes) => {
      notes.uploadSessionId = value.uploadSessionId;
    },
  },
  {
    name: "ContinueUploadFile",
    input: (_, { uploadSessionId }) => ({ uploadSessionId, dataSize: DLL.length }),
    stream: () => DLL,
  },
  { name: "EndUploadFile", input: (_, { uploadSessionId }) => ({ uploadSessionId }) },
  {
    name: "GetExchangeVersions",
    check: ({ value }) => expect(value.exchangeServerVersions).toEqual(["Exchange2010"]),
  },
  {
    name: "GetFileInfoForExchangeDll",
    input: () => ({ fileName: "ese.dll", exchangeServerVersion: "Exchange2010" }),
    check: ({ value }) =>
      expect(value).toMatchObject({ size: DLL.length, md5Hash: digest("md5"), sha256Hash: digest("sha256") }),
  },
  {
    name: "StartNewUploadSession",
    input: () => ({ fileName: "other.dll", fileSize: DLL.length, md5Hash: digest("md5") }),
    check: ({ value }, _, notes) => {
      notes.uploadSessionId = value.uploadSessionId;
    },
  },
  { name: "CancelUploadFile", input: (_, { uploadSessionId }) => ({ uploadSessionId }) },
  { name: "DeletePairing", who: newcomer, input: () => ({ deleteRecoveryPoints: "false" }) },
];

/** One at a time per agent: of two side by side the older one is told that a newer one took its place. */
const ONE_AT_A_TIME = "StartMetadataUpdate";

/** Members of an input that name what belongs to one core. */
const OWNED = ["agentId", "sessionId", "uploadSessionId"] as const;

for (const format of ["xml", "json"] as const satisfies readonly WireFormat[])
  describe(`the contract in ${format}, over mutual TLS`, () => {
    let world: World;
    const notes = {
      masterJobId: randomUUID(),
      moreAgents: [newAgent("files")],
      demandedAgent: newAgent("shop"),
    } as Notes;

    beforeAll(async () => {
      world = await World.start();
      const disk = noise(format, 5 * MiB);
      notes.offer = await world.offer(disk);
      noise("changed", 20_000).copy(disk, 2 * MiB);
      notes.next = await world.offer(disk);
      notes.newcomer = await world.newCore("Newcomer");
      notes.certificateRequest = await makeCertificateRequest(notes.newcomer.keys, "Newcomer");
      const { authorization } = world.identities.administrator;
      notes.enroller = { ...(await world.newCore("Enroller")), authorization, agent: newAgent("till") };
      notes.enrollerRequest = await makeCertificateRequest(notes.enroller.keys, "Enroller");
    });

    it.each(steps)("$name does what it says, the same again, and nothing for another core", async (step) => {
      const input = step.input?.(world, notes);
      const callAs = (who: Parameters<World["client"]>[1]) =>
        world.client(format, who).call(step.name, input, step.stream?.(notes));
      if (OWNED.some((id) => input?.[id] !== undefined)) {
        const refused = await callAs("other");
        expect([401, 404], `${refused.status} ${refused.bytes}`).toContain(refused.status);
      }
      const call = () => callAs(step.who?.(notes) ?? "paired");
      const first = await call();
      expect(first.status, first.bytes.toString()).toBe(200);
      await step.check?.(first, world, notes);
      if (!rowOf(step.name).idempotent) return;
      const again = step.name === ONE_AT_A_TIME ? [await call(), await call()] : await Promise.all([call(), call()]);
      expect(again.map(({ status, bytes }) => `${status} ${status >= 400 ? bytes : ""}`)).toEqual(["200 ", "200 "]);
    });
  });

describe("the table", () => {
  it("has every published operation and no other, and the walk calls each", () => {
    const published = operations.filter(({ isOwn }) => !isOwn).map(({ name }) => name);
    expect([...new Set(published)].sort()).toEqual([...PUBLISHED_OPERATIONS]);
    expect([...new Set(steps.map(({ name }) => name))].sort()).toEqual([...PUBLISHED_OPERATIONS]);
  });
});
