import "server-only";
import { realpath } from "node:fs/promises";
import { FolderImage } from "@/lib/engine/folder-images";
import { type FinishedManifest, ManifestWriter } from "@/lib/engine/manifests";
import type { CaptureRoom } from "@/lib/engine/quotas";
import type { RecordContext } from "@/lib/engine/records/connection";
import { RecordWriter } from "@/lib/engine/records/write";
import type { CommitImageInput } from "@/lib/engine/recovery-points/commit";
import type { Domain } from "@/lib/engine/repositories/open";
import { invalidInput, TwincoreError } from "@/lib/errors";
import { assertReadable } from "./check-path";
import type { Counters } from "./counters";
import { compileExcludes } from "./excludes";
import type { FileSource } from "./file-source";
import { captureFolder } from "./folder";
import { ForbiddenPlaces } from "./places";
import { PreviousImage } from "./previous";
import { captureBytes, captureImage, type RawCaptureOptions } from "./raw";
import type { SkippedList } from "./skipped";

export interface VolumeToCapture {
  id: string;
  name: string;
  kind: "folder" | "image" | "stream";
  path: string | null;
  excludes: string[];
}

/** What a capture shares over all volumes of an agent. */
export interface CaptureRun {
  domain: Domain;
  source: FileSource;
  counters: Counters;
  skipped: SkippedList;
  signal: AbortSignal;
  /** What quotas leave it. */
  room: CaptureRoom;
}

export interface CapturedImage {
  image: CommitImageInput;
  storedBytes: number;
}

interface Captured {
  sizeBytes: number;
  entryCount?: number;
}

/** Image of the volume in an earlier recovery point, to go on from. */
export interface EarlierImage {
  imageId: string;
  capturedAt: Date;
}

/** Captures one folder, disk image or device. Its records are durable and its manifest is written when it resolves. Throws `invalid_input` for a path that cannot be read. */
export async function captureVolume(
  ctx: RecordContext,
  run: CaptureRun,
  volume: VolumeToCapture,
  imageId: string,
  earlier: EarlierImage | null,
): Promise<CapturedImage> {
  const { path } = volume;
  if (path === null) throw invalidInput(`The volume ${volume.name} is a stream: its bytes are sent, not read.`);
  // It was looked at when the capture was asked for, which may be a while ago.
  await assertReadable(ctx, { kind: volume.kind === "image" ? "image" : "folder", path });
  if (volume.kind === "image") return storeImage(ctx, run, volume, imageId, (to) => captureImage(path, to));
  return storeImage(ctx, run, volume, imageId, async (to) => {
    const previous = earlier ? await openPrevious(ctx, run.domain, earlier) : null;
    return captureFolder({
      ...to,
      previous,
      // A link to a folder means the folder; its bytes may be no text.
      root: await realpath(path, { encoding: "latin1" }),
      source: run.source,
      skipped: run.skipped,
      excludes: compileExcludes(volume.excludes),
      forbidden: await ForbiddenPlaces.find(ctx, run.source),
    });
  });
}

/** Captures bytes that come from elsewhere. */
export function captureVolumeStream(
  ctx: RecordContext,
  run: CaptureRun,
  volume: VolumeToCapture,
  imageId: string,
  body: AsyncIterable<Uint8Array>,
): Promise<CapturedImage> {
  return storeImage(ctx, run, volume, imageId, (to) => captureBytes(body, to));
}

/** Order of writes: all packs and their index, then the manifest. What fails leaves neither manifest nor open pack. */
async function storeImage(
  ctx: RecordContext,
  run: CaptureRun,
  volume: VolumeToCapture,
  imageId: string,
  capture: (options: RawCaptureOptions) => Promise<Captured>,
): Promise<CapturedImage> {
  const writer = new RecordWriter(ctx, run.domain, {
    signal: run.signal,
    beforeStoring: (bytes) => run.room.take(bytes),
  });
  const manifest = await ManifestWriter.create(run.domain, imageId);
  // What the writer finds known is saved beside what the capture does not even read.
  run.counters.savings.push(() => writer.totals.savedBytes);
  try {
    const captured = await capture({ writer, manifest, counters: run.counters, signal: run.signal });
    const totals = await writer.finish();
    return { image: toImage(volume, imageId, captured, await manifest.finish()), storedBytes: totals.storedBytes };
  } catch (error) {
    await writer.abort(error);
    await manifest.abort();
    throw error;
  }
}

async function openPrevious(ctx: RecordContext, domain: Domain, earlier: EarlierImage): Promise<PreviousImage | null> {
  try {
    return new PreviousImage(await FolderImage.open(ctx, domain, earlier.imageId), earlier.capturedAt);
  } catch (error) {
    // Without it everything is read again, which is slow and right.
    if (!(error instanceof TwincoreError) || (error.code !== "not_found" && error.code !== "integrity")) throw error;
    ctx.log.warn({ error: error.message, imageId: earlier.imageId }, "the previous image cannot be used");
    return null;
  }
}

function toImage(
  volume: VolumeToCapture,
  imageId: string,
  captured: Captured,
  manifest: FinishedManifest,
): CommitImageInput {
  return {
    id: imageId,
    volumeId: volume.id,
    volumeName: volume.name,
    volumeKind: volume.kind,
    sizeBytes: captured.sizeBytes,
    entryCount: captured.entryCount ?? 0,
    manifestDigest: manifest.digest,
    recordCount: manifest.recordCount,
  };
}
