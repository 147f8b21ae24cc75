import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import type { PeerCall } from "@/lib/engine/pairing/caller";
import { findMissing } from "@/lib/engine/records/find";
import { RECORD_BYTES_MAX } from "@/lib/engine/records/frame";
import { decodeKeys, KEY_BYTES } from "@/lib/engine/records/key";
import { KEYS_PER_BATCH, type NegotiateInput } from "@/lib/engine/replication/peer-schemas";
import { conflict, invalidInput, TwincoreError } from "@/lib/errors";
import { storeBatch, storedPositions } from "./batches";
import { assertOpen, domainOf, requireImageSession, type SessionRow } from "./find";
import { assertRoom } from "./room";

/** The answer in pieces, so that a large one does not need a second copy. */
const PIECE_BYTES = 64 * 1024;

/**
 * Takes the keys of a part of the image, which become its manifest, and answers those whose records are not here.
 * Throws `too_large` beyond 65,536 keys, `invalid_input` for a gap, damaged keys or keys past the declared count,
 * `conflict` when the session has ended, `storage_full` when something is missing and there is no room for anything.
 */
export async function negotiateRecords(
  ctx: EngineContext,
  input: NegotiateInput,
  call: Pick<PeerCall, "body">,
): Promise<AsyncIterable<Uint8Array>> {
  const { row } = await requireImageSession(ctx, input);
  assertOpen(row);
  if (row.mode !== "negotiated")
    throw conflict("This session takes the keys of changed blocks only (O3EDirectNegotiateData).");
  return negotiate(ctx, row, input, call);
}

/** The same for both ways: of a direct session, the keys are those of its changed blocks in order. */
export async function negotiate(
  ctx: EngineContext,
  row: SessionRow,
  input: NegotiateInput,
  call: Pick<PeerCall, "body">,
): Promise<AsyncIterable<Uint8Array>> {
  const bytes = await readKeys(call.body);
  const keys = decodeKeys(bytes);
  if (!keys.every(({ rawLength }) => rawLength >= 1 && rawLength <= RECORD_BYTES_MAX))
    throw invalidInput(`A record has 1 to ${RECORD_BYTES_MAX} bytes.`);
  await storeBatch(ctx.db, row.id, input.start, bytes);
  const domain = await domainOf(ctx, row.agentId);
  const positions = storedPositions(keys);
  const missing = await findMissing(
    ctx,
    domain.id,
    positions.map((position) => bytes.subarray(position * KEY_BYTES, position * KEY_BYTES + 32)),
  );
  if (missing.length > 0) await assertRoom(ctx, domain, row.agentId, 1);
  return pack(
    bytes,
    missing.map((at) => positions[at] ?? 0),
  );
}

async function readKeys(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > KEYS_PER_BATCH * KEY_BYTES)
      throw new TwincoreError("too_large", `At most ${KEYS_PER_BATCH} keys may come at once.`);
    chunks.push(chunk);
  }
  if (length === 0) throw invalidInput("No keys came.");
  return Buffer.concat(chunks);
}

async function* pack(bytes: Buffer, positions: readonly number[]): AsyncGenerator<Uint8Array> {
  const keysPerPiece = Math.floor(PIECE_BYTES / KEY_BYTES);
  for (let at = 0; at < positions.length; at += keysPerPiece) {
    const part = positions.slice(at, at + keysPerPiece);
    yield Buffer.concat(part.map((position) => bytes.subarray(position * KEY_BYTES, (position + 1) * KEY_BYTES)));
  }
}
