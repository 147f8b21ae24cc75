import "server-only";
import type { Domain } from "@/lib/engine/repositories/open";
import { integrity } from "@/lib/errors";
import { decodeBody, readFrameHeader } from "./codec";
import type { RecordContext } from "./connection";
import { FRAME_HEADER_BYTES } from "./frame";
import { isHole, type RecordKey } from "./key";
import { planRuns, type Run } from "./read-plan";
import { recycle, takeScratch } from "./scratch";
import { zeros } from "./zero";

/** Plaintext read ahead of the consumer: about 30 ms of work, which hides a disk's latency. */
const AHEAD_BYTES = 16 * 1024 * 1024;

export interface ReadRecord {
  key: RecordKey;
  /** Verified. Of a hole: a view of shared zeros, never to be written to. */
  plain: Buffer;
}

/** Reads records of one domain. Everything it hands out in plaintext is verified; a missing or damaged record is `integrity`. */
export class RecordReader {
  constructor(
    private readonly ctx: RecordContext,
    private readonly domain: Domain,
  ) {}

  /** The records of these keys, in order. Reads neighbours together and at most 16 MiB ahead. */
  async *readMany(keys: AsyncIterable<RecordKey> | Iterable<RecordKey>): AsyncIterable<ReadRecord> {
    yield* this.ahead(keys, (run) => this.decodeRun(run));
  }

  async read(key: RecordKey): Promise<Buffer> {
    for await (const { plain } of this.readMany([key])) return plain;
    throw integrity("A record is missing from the repository.");
  }

  /** The stored frame of one record, as it is. */
  async frameOf(digest: Buffer): Promise<Buffer> {
    for await (const frame of this.framesOf([digest])) return frame;
    throw integrity("A record is missing from the repository.");
  }

  /**
   * Stored frames as they are, in the order given, to be sent to another core. Their headers are checked against what was
   * asked; their content is verified by who receives them.
   */
  async *framesOf(digests: readonly Buffer[]): AsyncIterable<Buffer> {
    const keys = digests.map((digest): RecordKey => ({ digest, rawLength: 0, aux: 0n }));
    yield* this.ahead(keys, (run) => this.sliceRun(run));
  }

  /** Keeps runs under way up to the bound, and yields the results of each in order. */
  private async *ahead<T>(
    keys: AsyncIterable<RecordKey> | Iterable<RecordKey>,
    start: (run: Run) => Promise<T[]>,
  ): AsyncIterable<T> {
    const started: { result: Promise<T[]>; bytes: number }[] = [];
    let bytes = 0;
    for await (const run of planRuns(this.ctx, this.domain, keys)) {
      const result = start(run);
      // A failure is thrown in its turn; until then it must not count as unhandled.
      result.catch(() => undefined);
      started.push({ result, bytes: run.rawBytes });
      bytes += run.rawBytes;
      while (bytes > AHEAD_BYTES) {
        const first = started.shift();
        if (!first) break;
        yield* await first.result;
        bytes -= first.bytes;
      }
    }
    for (const { result } of started) yield* await result;
  }

  private async decodeRun(run: Run): Promise<ReadRecord[]> {
    if (run.wanted.every(({ key }) => isHole(key)))
      return run.wanted.map(({ key }) => ({ key, plain: zeros(key.rawLength) }));
    const scratch = takeScratch(run.length);
    const frames = await this.sliceRun(run, scratch);
    const records = await Promise.all(run.wanted.map(({ key }, position) => decodeWanted(key, frames[position])));
    recycle(scratch);
    return records;
  }

  /** The frames of a run; each carries the digest that was asked for. */
  private async sliceRun(run: Run, into?: Buffer): Promise<Buffer[]> {
    const bytes = await this.readPack(run, into);
    return run.wanted.map(({ key, location }) => {
      const at = location.offset - run.offset;
      const frame = bytes.subarray(at, at + location.length);
      const header = readFrameHeader(frame);
      if (!header.digest.equals(key.digest) || header.bodyLength + FRAME_HEADER_BYTES !== frame.length)
        throw integrity(`Another record lies in ${run.packKey} where this one should be.`);
      return frame;
    });
  }

  private async readPack(run: Run, into?: Buffer): Promise<Buffer> {
    try {
      return await this.domain.storage.read(run.packKey, run.offset, run.length, into);
    } catch (error) {
      if (isNotFound(error)) throw integrity(`A pack is missing from the repository (${run.packKey}).`, error);
      throw error;
    }
  }
}

async function decodeWanted(key: RecordKey, frame: Buffer | undefined): Promise<ReadRecord> {
  if (!frame) throw integrity("A record is missing from the repository.");
  const header = readFrameHeader(frame);
  if (header.rawLength !== key.rawLength) throw integrity("A record has another length than its image says.");
  const plain = await decodeBody(header, frame.subarray(FRAME_HEADER_BYTES));
  // What was stored as it is would be a view of memory that is used again.
  return { key, plain: header.codec === "raw" ? Buffer.from(plain) : plain };
}

const isNotFound = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "not_found";
