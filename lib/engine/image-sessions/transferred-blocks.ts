import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { findMissing } from "@/lib/engine/records/find";
import { decodeKeys, isHole } from "@/lib/engine/records/key";
import type { ImageSessionRef } from "@/lib/engine/replication/peer-schemas";
import { readBatches } from "./batches";
import { domainOf, requireImageSession } from "./find";

/** One bit per offered key, in order, the lowest bit of a byte first: is its record (or hole) durable here now? */
export async function getTransferredBlocks(
  ctx: EngineContext,
  input: ImageSessionRef,
): Promise<AsyncIterable<Uint8Array>> {
  const { row } = await requireImageSession(ctx, input);
  // The keys of a committed image became its manifest, and every record of it is here.
  return row.state === "committed" ? allSet(row.keyCount) : bitmap(ctx, row.id, row.agentId);
}

async function* bitmap(ctx: EngineContext, sessionId: string, agentId: string): AsyncGenerator<Uint8Array> {
  const domain = await domainOf(ctx, agentId);
  let rest: boolean[] = [];
  for await (const bytes of readBatches(ctx.db, sessionId)) {
    const keys = decodeKeys(bytes);
    const digests = keys.filter((key) => !isHole(key)).map((key) => key.digest);
    const missing = new Set<string>();
    for (const at of await findMissing(ctx, domain.id, digests)) missing.add(digests[at]?.toString("latin1") ?? "");
    const bits = rest.concat(keys.map((key) => isHole(key) || !missing.has(key.digest.toString("latin1"))));
    const whole = bits.length - (bits.length % 8);
    yield toBytes(bits.slice(0, whole));
    rest = bits.slice(whole);
  }
  if (rest.length > 0) yield toBytes(rest);
}

async function* allSet(keyCount: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.alloc(Math.ceil(keyCount / 8), 0xff);
  if (keyCount % 8 > 0) bytes[bytes.length - 1] = (1 << (keyCount % 8)) - 1;
  yield bytes;
}

function toBytes(bits: readonly boolean[]): Buffer {
  const bytes = Buffer.alloc(Math.ceil(bits.length / 8));
  for (const [at, bit] of bits.entries()) if (bit) bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (1 << (at & 7));
  return bytes;
}
