import "server-only";
import { setTimeout as pause } from "node:timers/promises";
import type { EngineContext } from "@/lib/engine/context";
import { storedLength } from "@/lib/engine/records/find";
import { decodeKeys, isHole, KEY_BYTES, type RecordKey } from "@/lib/engine/records/key";
import type { Domain } from "@/lib/engine/repositories/open";
import { TwincoreError } from "@/lib/errors";
import type { TransferPreference } from "./choose-mode";
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
  readonly preference: TransferPreference;
}

export type Declaration = Omit<StartVolumeImageReplicationSessionRequest, "streams">;

/** An image of the same volume that the target holds. */
export interface BaseImage {
  readonly id: string;
  readonly manifestDigest: string;
}

/** Sends, then commits and waits for it. */
export async function complete(sender: ImageSender, image: ImageRef, send: () => Promise<void>): Promise<void> {
  const { target, control } = sender;
  try {
    await send();
  } catch (thrown) {
    // A session that takes nothing may be one that is complete: its answer was lost, or the image came by another way.
    if (!isConflict(thrown) || (await target.poke(image)) !== "Committed") throw thrown;
    return;
  }
  control.progress.phase = "commit";
  await target.startEnding({ ...image, commit: true });
  await untilCommitted(sender, image);
}

/** Offers batches of keys by `negotiate`, and sends what it answers of each. */
export async function sendRecords(
  sender: ImageSender,
  image: ImageRef,
  offered: AsyncIterable<Buffer>,
  negotiate: (start: number, keys: Buffer) => Promise<Buffer>,
): Promise<void> {
  const { ctx, domain, target, control, pace } = sender;
  const transfers = new Transfers(ctx, domain, target, image, control, pace);
  const recent = new Set<string>();
  let start = 0;
  try {
    for await (const batch of offered) {
      control.assertGoing();
      const missing = decodeKeys(await negotiate(start, batch));
      const toSend = missing.filter((key) => isNew(recent, key));
      countKnown(control, batch, toSend);
      if (toSend.length > 0) await askForRoom(sender, image, toSend);
      control.progress.phase = "transfer";
      await transfers.send(start, toSend);
      start += batch.length / KEY_BYTES;
    }
    await transfers.finish();
  } finally {
    await transfers.settle();
  }
}

/**
 * What is missing is known now: a quota or a disk that has no room for it says so before any of it is sent. A target that no quota
 * limits, or that does not know the question, is asked once in a run.
 */
async function askForRoom({ ctx, domain, target, pace }: ImageSender, image: ImageRef, toSend: readonly RecordKey[]) {
  if (!pace.asksForRoom) return;
  const digests = toSend.map(({ digest }) => digest);
  const bytes = await storedLength(ctx, domain.id, digests);
  try {
    const { isLimited } = await target.askRoom({ ...image, bytes });
    pace.asksForRoom = isLimited;
  } catch (thrown) {
    if (!(thrown instanceof TwincoreError) || thrown.code !== "not_found") throw thrown;
    // An image session that is gone is missed by the first transfer, too.
    pace.asksForRoom = false;
  }
}

/** Packed keys in batches as large as one negotiation takes. */
export async function* inBatches(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let pieces: Buffer[] = [];
  let count = 0;
  for await (const piece of packed) {
    const pieceCount = piece.length / KEY_BYTES;
    if (count + pieceCount > KEYS_PER_BATCH) {
      yield Buffer.concat(pieces);
      pieces = [];
      count = 0;
    }
    pieces.push(piece);
    count += pieceCount;
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
