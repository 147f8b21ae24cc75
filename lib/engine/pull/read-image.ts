import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { flatKeys, openManifest } from "@/lib/engine/manifests";
import { manifestKey } from "@/lib/engine/manifests/format";
import type { PeerCall } from "@/lib/engine/pairing/caller";
import { decodeKeys, isHole, KEY_BYTES } from "@/lib/engine/records/key";
import { RecordReader } from "@/lib/engine/records/read";
import { type Domain, ensureDomain } from "@/lib/engine/repositories/open";
import { countTransferred } from "@/lib/engine/usage/count-transferred";
import { invalidInput, notFound, TwincoreError } from "@/lib/errors";
import { requireLedAgent } from "./lead";
import { FETCH_BYTES_MAX, KEYS_PER_FETCH, type ReadRecordsInput } from "./peer-schemas";

/** Callee: the manifest of an image of the agent, as its file is. Throws `not_found`, and as requireLedAgent. */
export async function readImageManifest(
  ctx: EngineContext,
  input: { agentId: string; imageId: string },
): Promise<AsyncIterable<Uint8Array>> {
  const domain = await domainOfImage(ctx, input);
  const key = manifestKey(domain.prefix, input.imageId);
  if ((await domain.storage.size(key)) === null) throw notFound("manifest of this image");
  return domain.storage.stream(key);
}

/**
 * Callee: the records of these keys as frames, in order, as they are stored; who receives them verifies them. Only records of the
 * image itself are handed out: its manifest is looked into from `start` over `count` positions. Throws `invalid_input` for other
 * keys and for holes, `too_large` beyond the bounds, `integrity` for a record that is lost here, and as requireLedAgent.
 */
export async function readImageRecords(
  ctx: EngineContext,
  input: ReadRecordsInput,
  call: Pick<PeerCall, "body">,
): Promise<AsyncIterable<Uint8Array>> {
  const domain = await domainOfImage(ctx, input);
  const keys = decodeKeys(await readBody(call.body));
  if (keys.length === 0) throw invalidInput("No keys came.");
  if (keys.reduce((sum, { rawLength }) => sum + rawLength, 0) > FETCH_BYTES_MAX) throw tooMuch();
  const manifest = await openManifest(domain, input.imageId);
  const known = new Map<string, number>();
  for await (const piece of flatKeys(manifest, input.start, input.start + input.count))
    for (const key of decodeKeys(piece)) known.set(key.digest.toString("latin1"), key.rawLength);
  for (const key of keys)
    if (isHole(key) || known.get(key.digest.toString("latin1")) !== key.rawLength)
      throw invalidInput("A record was asked for that is not of this part of the image.", key.digest.toString("hex"));
  return counted(
    ctx,
    input.agentId,
    new RecordReader(ctx, domain).framesOf(keys.map(({ digest }) => Buffer.from(digest))),
  );
}

/** What leaves this core for an agent is counted when the answer is over, or has broken off. */
async function* counted(
  ctx: EngineContext,
  agentId: string,
  frames: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  try {
    for await (const frame of frames) {
      bytes += frame.length;
      yield frame;
    }
  } finally {
    await countTransferred(ctx.db.prisma, agentId, bytes);
  }
}

/** Where the image lies, when it belongs to a recovery point of the agent. */
async function domainOfImage(
  ctx: EngineContext,
  { agentId, imageId }: { agentId: string; imageId: string },
): Promise<Domain> {
  const { agent } = await requireLedAgent(ctx, agentId);
  const count = await ctx.db.prisma.volumeImage.count({ where: { id: imageId, recoveryPoint: { agentId: agent.id } } });
  if (count === 0) throw notFound("volume image");
  return ensureDomain(ctx, agent);
}

async function readBody(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > KEYS_PER_FETCH * KEY_BYTES) throw tooMuch();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const tooMuch = () =>
  new TwincoreError(
    "too_large",
    `At most ${KEYS_PER_FETCH} records with ${FETCH_BYTES_MAX} bytes are handed out at once.`,
  );
