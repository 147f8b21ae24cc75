import "server-only";
import type { Counters } from "@/lib/engine/capture/counters";
import { SkippedList } from "@/lib/engine/capture/skipped";
import type { EngineContext } from "@/lib/engine/context";
import { FolderImage, fromText } from "@/lib/engine/folder-images";
import { openManifest } from "@/lib/engine/manifests";
import { RecordReader } from "@/lib/engine/records/read";
import { invalidInput, systemCode, TwincoreError, toTwincoreError } from "@/lib/errors";
import { checkDestination, markFolder } from "./destination";
import { restoreFolder } from "./folder";
import { findImage, type StoredImage } from "./image";
import { restoreRaw } from "./raw";

export interface RestoreImageInput {
  recoveryPointId: string;
  imageId: string;
  destination: string;
  /** Of this restore: a second run of the same one goes on in the folder of the first. */
  taskId: string;
  counters: Counters;
  signal: AbortSignal;
}

/** Restores an image. Answers what could not be made as it was, in words, or null. Throws with a message that says what is on disk. */
export async function restoreImage(ctx: EngineContext, input: RestoreImageInput): Promise<string | null> {
  const image = await findImage(ctx, input);
  const { taskId, counters, signal } = input;
  const place = await checkDestination(ctx, { destination: input.destination, kind: image.kind, taskId });
  counters.bytesTotal = image.sizeBytes;
  counters.phase = "restoring contents";
  if (image.kind === "folder") return restoreTree(ctx, input, image, place);
  const manifest = await openManifest(image.domain, image.id);
  const reader = new RecordReader(ctx, image.domain);
  await restoreRaw({ manifest, reader, place, taskId, counters, signal });
  return null;
}

async function restoreTree(
  ctx: EngineContext,
  { taskId, counters, signal }: RestoreImageInput,
  stored: StoredImage,
  place: string,
): Promise<string | null> {
  const image = await FolderImage.open(ctx, stored.domain, stored.id);
  const marked = await markFolder(place, taskId).catch((error: unknown) => {
    throw REFUSED.has(systemCode(error) ?? "") ? invalidInput(`This core's user may not write to ${place}.`) : error;
  });
  const issues = new SkippedList();
  try {
    await restoreFolder({ image, root: fromText(place), marked, counters, issues, signal });
  } catch (error) {
    throw incomplete(error, place, counters);
  }
  return inWords(issues);
}

const REFUSED = new Set(["EACCES", "EPERM", "EROFS"]);

function incomplete(error: unknown, place: string, counters: Counters): TwincoreError {
  const refused = REFUSED.has(systemCode(error) ?? "");
  const known = refused
    ? invalidInput(`This core's user may not write all of it to ${place}.`)
    : toTwincoreError(error);
  const state = `${place} holds an incomplete copy (${counters.filesDone} entries were begun); remove it before you restore there again.`;
  return new TwincoreError(known.code, `${known.message} ${state}`, { cause: error });
}

function inWords(issues: SkippedList): string | null {
  const [first] = issues.first;
  return first ? `${issues.count} entries could not be made; the first: ${first.path} ${first.reason}` : null;
}
