import "server-only";
import { setTimeout as pause } from "node:timers/promises";
import type { EngineContext } from "@/lib/engine/context";
import { type Manifest, openManifest } from "@/lib/engine/manifests";
import { decodeKeys, isHole, KEY_BYTES, type RecordKey } from "@/lib/engine/records/key";
import type { Domain } from "@/lib/engine/repositories/open";
import { TwincoreError } from "@/lib/errors";
import type { RunControl } from "./control";
import { KEYS_PER_BATCH, type StartVolumeImageReplicationSessionRequest } from "./peer-schemas";
import type { ImageRef, TargetCore } from "./target-core";
import { type Pace, Transfers } from "./transfers";

/** Digests that were sent lately, so that a record that an image repeats is not sent again. About 10 MiB. */
const RECENT_MAX = 100_000;
const POKE_PAUSE_MS = 200;
/** A commit checks 100,000 records a second; a hundred million take a quarter of an hour. */
const COMMIT_MS_MAX = 2 * 3_600_000;

export interface ImageSender {
  readonly ctx: EngineContext;
  readonly domain: Domain;
  readonly target: TargetCore;
  readonly control: RunControl;
  readonly pace: Pace;
}

type Declaration = Omit<StartVolumeImageReplicationSessionRequest, "streams">;

/**
 * Replicates one volume image: start → negotiate a batch of keys, send what is missing of it → … → commit. What is there already
 * is not sent, so doing it again after an interruption resends at most what was in flight.
 */
export async function sendImage(sender: ImageSender, declaration: Declaration): Promise<void> {
  const { target, control } = sender;
  control.assertGoing();
  const manifest = await openManifest(sender.domain, declaration.volumeImageId);
  control.progress.phase = "negotiate";
  control.progress.beginImage();
  const sessionId = await target.startImageSession({ ...declaration, streams: [...manifest.streams] });
  const image: ImageRef = { agentId: declaration.agentId, jobId: declaration.jobId, sessionId };
  try {
    await sendRecords(sender, image, manifest);
  } catch (thrown) {
    // A session that takes nothing may be one that is complete: its answer was lost, or the image came by another way.
    if (!isConflict(thrown) || (await target.poke(image)) !== "Committed") throw thrown;
    return;
  }
  control.progress.phase = "commit";
  await target.startEnding({ ...image, commit: true });
  await untilCommitted(sender, image);
}

async function sendRecords(sender: ImageSender, image: ImageRef, manifest: Manifest): Promise<void> {
  const { ctx, domain, target, control, pace } = sender;
  const transfers = new Transfers(ctx, domain, target, image, control, pace);
  const recent = new Set<string>();
  let start = 0;
  try {
    for await (const batch of batches(manifest)) {
      control.assertGoing();
      const missing = decodeKeys(await target.negotiate({ ...image, start }, batch));
      const toSend = missing.filter((key) => isNew(recent, key));
      countKnown(control, batch, toSend);
      control.progress.phase = "transfer";
      await transfers.send(start, toSend);
      start += batch.length / KEY_BYTES;
    }
    await transfers.finish();
  } finally {
    await transfers.settle();
  }
}

/** The keys of all streams in order, in batches as large as one negotiation takes. */
async function* batches(manifest: Manifest): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let count = 0;
  for (const { kind } of manifest.streams) {
    for await (const piece of manifest.packedKeys(kind)) {
      const pieceCount = piece.length / KEY_BYTES;
      if (count + pieceCount > KEYS_PER_BATCH) {
        yield Buffer.concat(pieces);
        pieces = [];
        count = 0;
      }
      pieces.push(piece);
      count += pieceCount;
    }
  }
  if (count > 0) yield Buffer.concat(pieces);
}

function isNew(recent: Set<string>, key: RecordKey): boolean {
  const name = key.digest.toString("latin1");
  if (recent.has(name)) return false;
  if (recent.size >= RECENT_MAX) recent.clear();
  recent.add(name);
  return true;
}

function countKnown(control: RunControl, batch: Buffer, toSend: readonly RecordKey[]): void {
  let bytes = 0;
  let records = 0;
  for (const key of decodeKeys(batch)) {
    bytes += key.rawLength;
    if (!isHole(key)) records++;
  }
  for (const key of toSend) bytes -= key.rawLength;
  control.progress.known(bytes, records - toSend.length);
}

async function untilCommitted({ target, control }: ImageSender, image: ImageRef): Promise<void> {
  const giveUpAt = performance.now() + COMMIT_MS_MAX;
  while ((await target.poke(image)) !== "Committed") {
    if (performance.now() > giveUpAt)
      throw new TwincoreError("unavailable", "The target has not finished to commit an image for two hours.");
    control.signal.throwIfAborted();
    await pause(POKE_PAUSE_MS, undefined, { signal: control.signal });
  }
}

const isConflict = (thrown: unknown): boolean => thrown instanceof TwincoreError && thrown.code === "conflict";
