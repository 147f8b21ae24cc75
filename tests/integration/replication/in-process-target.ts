import type { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import * as images from "@/lib/engine/image-sessions";
import * as metadata from "@/lib/engine/metadata";
import { acknowledgePull } from "@/lib/engine/pull/acknowledge";
import { describeLeadingPoint } from "@/lib/engine/pull/describe-point";
import * as pull from "@/lib/engine/pull/peer-schemas";
import { readImageManifest, readImageRecords } from "@/lib/engine/pull/read-image";
import { readLeadingMetadata } from "@/lib/engine/pull/read-metadata";
import { selectLeadingPoints } from "@/lib/engine/pull/select-points";
import { startPullJob } from "@/lib/engine/pull/start-job";
import * as ability from "@/lib/engine/replication/ability";
import * as direct from "@/lib/engine/replication/direct-schemas";
import * as mirror from "@/lib/engine/replication/mirror";
import * as wire from "@/lib/engine/replication/peer-schemas";
import { startRemoteJob, startTransferJob } from "@/lib/engine/replication/remote-jobs";
import { selectRecoveryPoints } from "@/lib/engine/replication/select-points";
import type { TargetCore, TargetHooks } from "@/lib/engine/replication/target-core";
import { getConsumedSeedDrives } from "@/lib/engine/seed-drives";
import { listSessionNews, receiveWord } from "@/lib/engine/sessions";
import { SessionNewsInput, SessionWord } from "@/lib/engine/sessions/peer-schemas";
import { receiveMasterUsage } from "@/lib/engine/usage";

/** A target in the same process: its engine's verbs behind the shapes of the wire, and no network. `ctx` has the actor of the source. */
export function inProcessTarget(ctx: EngineContext, hooks: TargetHooks): TargetCore {
  const call = async <I extends z.ZodType, O>(
    input: I,
    given: z.input<I>,
    verb: (parsed: z.output<I>) => Promise<O>,
  ) => {
    hooks.signal.throwIfAborted();
    const text = JSON.stringify(given);
    const answer = await verb(input.parse(JSON.parse(text)));
    hooks.onBytes?.(text.length, JSON.stringify(answer ?? null).length);
    return answer;
  };
  return {
    selectRecoveryPoints: (input) => call(wire.SelectRangeInput, input, (i) => selectRecoveryPoints(ctx, i)),
    verifyAbility: (input) =>
      call(wire.VerifyAbilityInput, { ...input, report: "true" }, (i) => ability.verifyReplicationAbility(ctx, i)),
    startJob: (input) => call(wire.RemoteReplicationJobRequest, input, (i) => startRemoteJob(ctx, i)),
    startTransferJob: (input) => call(wire.TransferJobRef, input, (i) => startTransferJob(ctx, i)),
    startMetadataUpdate: (input) =>
      call(wire.StartMetadataUpdateRequest, input, (i) => metadata.startMetadataUpdate(ctx, i)),
    metadataUpdateProgress: (input) => call(wire.AgentRef, input, (i) => metadata.getMetadataUpdateProgress(ctx, i)),
    startImageSession: (input) =>
      call(wire.StartVolumeImageReplicationSessionRequest, input, (i) => images.startImageSession(ctx, i)),
    startDirectSession: (input) =>
      call(direct.StartO3EDirectVolumeImageReplicationSessionRequest, input, (i) =>
        images.startDirectImageSession(ctx, i),
      ),
    sendScid: (input) => call(direct.RemoteSnapshotFileScidInfo, input, (i) => images.receiveScid(ctx, i)),
    sendBitmap: (input, bitmap) => {
      hooks.onBytes?.(bitmap.length, 0);
      return call(wire.ImageSessionRef, input, (i) => images.receiveBitmap(ctx, i, { body: pieces(bitmap, 10_000) }));
    },
    negotiateDirect: (input, keys) => {
      hooks.onBytes?.(keys.length, 0);
      const body = pieces(keys, 10_000);
      return collect(call(wire.NegotiateInput, input, (i) => images.negotiateDirect(ctx, i, { body })));
    },
    negotiate: (input, keys) => {
      hooks.onBytes?.(keys.length, 0);
      const body = pieces(keys, 10_000);
      return collect(call(wire.NegotiateInput, input, (i) => images.negotiateRecords(ctx, i, { body })));
    },
    askRoom: (input) => call(wire.AskRoomInput, input, (i) => images.askForRoom(ctx, i)),
    transfer: (input, frames) =>
      call(wire.TransferInput, input, (i) => images.receiveRecords(ctx, i, { body: wired(frames, hooks) })),
    startEnding: (input) =>
      call(wire.EndInput, { ...input, commit: String(input.commit) }, (i) => images.startEndingImageSession(ctx, i)),
    poke: (input) => call(wire.ImageSessionRef, input, (i) => images.pokeImageSession(ctx, i)),
    end: (input) =>
      call(wire.EndInput, { ...input, commit: String(input.commit) }, (i) => images.endImageSession(ctx, i)),
    syncJob: async (input) =>
      wire.SyncedJob.parse(
        await call(wire.RemoteSyncReplicationJobRequest, input, (i) => mirror.syncRemoteJob(ctx, i)),
      ),
    updateStatus: (input) =>
      call(wire.UpdateReplicationStatusInput, input, (i) => mirror.updateReplicationStatus(ctx, i)),
    updateStorageUsage: (input) => call(wire.StorageUsageSummary, input, (i) => receiveMasterUsage(ctx, i)),
    consumedSeedDrives: (input) => call(wire.AgentRef, input, (i) => getConsumedSeedDrives(ctx, i)),
    tellSession: (input) => call(SessionWord, input, (i) => receiveWord(ctx, i)),
    hearSessions: (input) => call(SessionNewsInput, input, (i) => listSessionNews(ctx, i)),
    replicatedAgents: () => ability.getReplicatedAgents(ctx),
    selectLeadingPoints: (input) => call(pull.SelectLeadingInput, input, (i) => selectLeadingPoints(ctx, i)),
    describeLeadingPoint: async (input) =>
      pull.LeadingPoint.parse(await call(pull.PointRef, input, (i) => describeLeadingPoint(ctx, i))),
    readImageManifest: async (input) =>
      answered(await call(pull.ImageRefInput, input, (i) => readImageManifest(ctx, i)), hooks),
    readImageRecords: async (input, keys) => {
      hooks.onBytes?.(keys.length, 0);
      const body = pieces(keys, 10_000);
      return answered(await call(pull.ReadRecordsInput, input, (i) => readImageRecords(ctx, i, { body })), hooks);
    },
    readLeadingMetadata: async (input) =>
      pull.LeadingMetadata.parse(await call(wire.AgentRef, input, (i) => readLeadingMetadata(ctx, i))),
    acknowledgePull: (input) => call(pull.AcknowledgeInput, input, (i) => acknowledgePull(ctx, i)),
    startPullJob: (input) => call(wire.RemoteReplicationJobRequest, input, (i) => startPullJob(ctx, i)),
    close: () => undefined,
  };
}

async function collect(stream: Promise<AsyncIterable<Uint8Array>>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** As a network would: in pieces that know nothing of frames, held up by the rate cap, ended by the signal. */
async function* wired(frames: AsyncIterable<Uint8Array>, hooks: TargetHooks): AsyncGenerator<Uint8Array> {
  for await (const frame of frames)
    for await (const piece of pieces(frame, 64 * 1024)) {
      await hooks.throttle?.(piece.length);
      hooks.signal.throwIfAborted();
      hooks.onBytes?.(piece.length, 0);
      yield piece;
    }
}

/** An answer as a network would bring it: in pieces that know nothing of frames. */
async function* answered(stream: AsyncIterable<Uint8Array>, hooks: TargetHooks): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream)
    for await (const piece of pieces(chunk, 64 * 1024)) {
      hooks.signal.throwIfAborted();
      hooks.onBytes?.(0, piece.length);
      // A view of memory that the reader uses again must not outlive its turn.
      yield Buffer.from(piece);
    }
}
