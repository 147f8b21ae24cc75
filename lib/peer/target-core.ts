import "server-only";
import type { TargetCore, TargetHooks } from "@/lib/engine/replication/target-core";
import { TwincoreError } from "@/lib/errors";
import type { CallOptions, PeerClient } from "./client-types";
import * as agents from "./operations/agents";
import * as direct from "./operations/direct";
import * as images from "./operations/images";
import * as jobs from "./operations/jobs";
import * as metadata from "./operations/metadata";
import * as pull from "./operations/pull";
import * as points from "./operations/recovery-points";
import * as seedDrives from "./operations/seed-drives";
import * as sessions from "./operations/sessions";
import * as usage from "./operations/usage";

/** Ending a session waits for a commit, which checks every record of an image. */
const END_TIMEOUT_MS = 30 * 60_000;

/** The other core over HTTPS, as replication needs it. */
export function targetCore(client: PeerClient, hooks: TargetHooks): TargetCore {
  const options: CallOptions = { signal: hooks.signal, onBytes: hooks.onBytes };
  return {
    selectRecoveryPoints: (input) => client.call(points.selectRangeAgentRecoveryPoints, input, options),
    verifyAbility: (input) => client.call(agents.verifyReplicationAbility, { ...input, report: "true" }, options),
    replicatedAgents: () => client.call(agents.getReplicatedAgents, {}, options),
    tellSession: (input) => client.call(sessions.tellSession, input, options),
    hearSessions: (input) => client.call(sessions.hearSessions, input, options),
    startMetadataUpdate: (input) => client.call(metadata.startMetadataUpdate, input, options),
    metadataUpdateProgress: (input) => client.call(metadata.getMetadataUpdateProgress, input, options),
    startJob: (input) => client.call(jobs.startRemoteReplicationJob, input, options),
    startTransferJob: (input) => client.call(jobs.startTransferJob, input, options),
    syncJob: (input) => client.call(jobs.syncRemoteReplicationJob, input, options),
    updateStatus: (input) => client.call(jobs.updateReplicationStatus, input, options),
    updateStorageUsage: (input) => client.call(usage.updateMasterStorageUsage, input, options),
    consumedSeedDrives: (input) => client.call(seedDrives.getConsumedSeedDrives, input, options),
    startImageSession: (input) => client.call(images.startNewVolumeImageReplicationSession, input, options),
    startDirectSession: (input) => client.call(direct.startNewO3EDirectVolumeImageReplicationSession, input, options),
    sendScid: (input) => client.call(direct.sendSnapshotFileScid, input, options),
    sendBitmap: (input, bitmap) => client.send(direct.sendSnapshotIndividualBitmap, input, one(bitmap), options),
    negotiateDirect: async (input, keys) =>
      collect(await client.send(direct.o3EDirectNegotiateData, input, one(keys), options), keys.length),
    negotiate: async (input, keys) =>
      collect(await client.send(images.negotiateMissingRecords, input, one(keys), options), keys.length),
    askRoom: (input) => client.call(images.askForRoom, input, options),
    transfer: (input, frames) =>
      client.send(images.transferMissingRecords, input, frames, { ...options, throttle: hooks.throttle }),
    startEnding: ({ commit, ...input }) =>
      client.call(images.startEndingVolumeImageReplicationSession, { ...input, commit: String(commit) }, options),
    poke: (input) => client.call(images.pokeVolumeImageCommittingProcess, input, options),
    end: ({ commit, ...input }) =>
      client.call(
        images.endVolumeImageReplicationSession,
        { ...input, commit: String(commit) },
        { ...options, timeoutMs: END_TIMEOUT_MS },
      ),
    selectLeadingPoints: (input) => client.call(pull.selectLeadingPoints, input, options),
    describeLeadingPoint: (input) => client.call(pull.describeLeadingPoint, input, options),
    readImageManifest: (input) => client.receive(pull.readImageManifest, input, options),
    readImageRecords: (input, keys) => client.send(pull.readImageRecords, input, one(keys), options),
    readLeadingMetadata: (input) => client.call(pull.readLeadingMetadata, input, options),
    acknowledgePull: (input) => client.call(pull.acknowledgePull, input, options),
    startPullJob: (input) => client.call(pull.startPullJob, input, options),
    close: () => client.close(),
  };
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** An answer that is never longer than the question. */
async function collect(stream: AsyncIterable<Buffer>, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > bytesMax)
      throw new TwincoreError("unavailable", "The other core answered more keys than were offered.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
