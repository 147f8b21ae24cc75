import "server-only";
import { integrity } from "@/lib/errors";
import type { CodecPool } from "./codec-pool";
import type { CodecAnswer } from "./codec-worker";
import { recycle, takeScratch } from "./scratch";

/** The work of records on a codec thread. Bytes that do not lie in scratch memory are copied there for the time of the call. */

export function digestOnThread(pool: CodecPool, bytes: Buffer): Promise<Buffer> {
  return withShared(bytes, async (input, at) =>
    digestOf(await pool.run({ op: "digest", input, at, length: bytes.length })),
  );
}

/** Compresses to `output` (scratch memory) from `outputAt` on; answers the length, or 0 when that would exceed `outputMax`. */
export function compressOnThread(pool: CodecPool, plain: Buffer, output: Buffer, outputAt: number, outputMax: number) {
  return withShared(output, (outputMemory, outputStart) =>
    withShared(plain, async (input, at) => {
      const place = { output: outputMemory, outputAt: outputStart + outputAt, outputMax };
      const answer = await pool.run({ op: "compress", input, at, length: plain.length, ...place });
      if ("outputLength" in answer) return answer.outputLength;
      throw unexpected(answer);
    }),
  );
}

/** The digest of what a zstd frame unpacks to. Throws `integrity` when that is not `rawLength` bytes. */
export function unpackDigestOnThread(pool: CodecPool, body: Buffer, rawLength: number): Promise<Buffer> {
  return withShared(body, async (input, at) =>
    digestOf(await pool.run({ op: "unpack", input, at, length: body.length, rawLength, wanted: false })),
  );
}

/** What a zstd frame unpacks to, and its digest. Throws `integrity` when that is not `rawLength` bytes. */
export function unpackOnThread(pool: CodecPool, body: Buffer, rawLength: number) {
  return withShared(body, async (input, at) => {
    const answer = await pool.run({ op: "unpack", input, at, length: body.length, rawLength, wanted: true });
    if (!("plain" in answer) || !answer.plain) throw unexpected(answer);
    const { plain } = answer;
    return { digest: digestOf(answer), plain: Buffer.from(plain.buffer, plain.byteOffset, plain.length) };
  });
}

async function withShared<T>(bytes: Buffer, use: (memory: SharedArrayBuffer, at: number) => Promise<T>): Promise<T> {
  if (bytes.buffer instanceof SharedArrayBuffer) return use(bytes.buffer, bytes.byteOffset);
  const copy = takeScratch(bytes.length);
  copy.set(bytes);
  try {
    // takeScratch always lends shared memory; the type of Buffer.buffer does not say so.
    return await use(copy.buffer as unknown as SharedArrayBuffer, copy.byteOffset);
  } finally {
    recycle(copy);
  }
}

function digestOf(answer: CodecAnswer): Buffer {
  if ("digest" in answer) return Buffer.from(answer.digest);
  throw unexpected(answer);
}

function unexpected(answer: CodecAnswer) {
  return integrity(`A compressed record cannot be unpacked${"damaged" in answer ? `: ${answer.damaged}` : ""}.`);
}
