import "server-only";
import type { ManifestWriter } from "@/lib/engine/manifests";
import { holeKey, type RecordKey } from "@/lib/engine/records/key";
import type { RecordWriter } from "@/lib/engine/records/write";
import { isZero } from "@/lib/engine/records/zero";

/** Records given to the writer whose keys are still to come. */
const WAITING_MAX = 256;
/** Their plaintext: with what the writer itself holds, it keeps two cores busy. */
const WAITING_BYTES = 16 * 1024 * 1024;

/** Stores records, several at once, and writes their keys to the manifest in the order in which they were put. */
export class KeyQueue {
  private readonly waiting: { key: Promise<RecordKey>; bytes: number }[] = [];
  private bytes = 0;
  private ready: RecordKey[] = [];

  constructor(
    private readonly writer: RecordWriter,
    private readonly manifest: ManifestWriter,
  ) {}

  /** Takes over one record of at most 4 MiB. Resolves when there is room for the next. */
  async put(plain: Buffer): Promise<void> {
    if (this.waiting.length === 0 && isZero(plain)) return this.take([holeKey(plain.length)]);
    const key = this.writer.put(plain);
    // Its failure is met in its turn; until then it must not count as unhandled.
    key.catch(() => undefined);
    this.waiting.push({ key, bytes: plain.length });
    this.bytes += plain.length;
    while (this.bytes > WAITING_BYTES || this.waiting.length > WAITING_MAX) await this.shift();
  }

  /** Keys of records that are here already, or of holes. */
  async take(keys: readonly RecordKey[]): Promise<void> {
    while (this.waiting.length > 0) await this.shift();
    for (const key of keys) this.ready.push(key);
    if (this.ready.length >= WAITING_MAX) await this.flushReady();
  }

  /** Everything is in the manifest when it resolves. */
  async flush(): Promise<void> {
    while (this.waiting.length > 0) await this.shift();
    await this.flushReady();
  }

  private async shift(): Promise<void> {
    const first = this.waiting.shift();
    if (!first) return;
    this.bytes -= first.bytes;
    this.ready.push(await first.key);
    if (this.ready.length >= WAITING_MAX) await this.flushReady();
  }

  private async flushReady(): Promise<void> {
    const keys = this.ready;
    this.ready = [];
    if (keys.length > 0) await this.manifest.add(keys);
  }
}
