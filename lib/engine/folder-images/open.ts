import "server-only";
import { type Manifest, openManifest } from "@/lib/engine/manifests";
import type { RecordContext } from "@/lib/engine/records/connection";
import { RecordReader } from "@/lib/engine/records/read";
import type { Domain } from "@/lib/engine/repositories/open";
import { integrity } from "@/lib/errors";
import { decodeEntries, type Entry } from "./entry";
import { EntryIndex } from "./entry-index";
import { EntryGuard } from "./guard";

/** A folder image, read in whole or in part. Everything is verified; damage and what no capture writes is `integrity`. */
export class FolderImage {
  readonly index: EntryIndex;

  constructor(
    readonly manifest: Manifest,
    readonly reader: RecordReader,
  ) {
    if (!manifest.stream("entries")) throw integrity("This is no folder image: it has no entries.");
    this.index = new EntryIndex(manifest, reader);
  }

  static async open(ctx: RecordContext, domain: Domain, imageId: string): Promise<FolderImage> {
    return new FolderImage(await openManifest(domain, imageId), new RecordReader(ctx, domain));
  }

  get payloadBytes(): number {
    return this.manifest.stream("payload")?.totalBytes ?? 0;
  }

  /** All entries in order, record by record. Each record's place in the payload is checked against the sizes before it. */
  async *records(): AsyncGenerator<{ entries: Entry[]; payloadOffset: number }> {
    let payloadOffset = 0;
    for await (const { key, plain } of this.reader.readMany(this.manifest.keys("entries"))) {
      if (Number(key.aux) !== payloadOffset) throw integrity("The entries of the image do not fit its contents.");
      const entries = decodeEntries(plain);
      yield { entries, payloadOffset };
      for (const entry of entries) payloadOffset += entry.sizeBytes;
    }
    if (payloadOffset !== this.payloadBytes) throw integrity("The contents of the image do not fit its entries.");
  }

  /** All entries in order, guarded: nothing leads out of the tree. `ended`: folders that ended before the entry. */
  async *guardedRecords(): AsyncGenerator<{ entry: Entry; ended: string[] }[]> {
    const guard = new EntryGuard();
    for await (const { entries } of this.records()) yield entries.map((entry) => ({ ended: guard.pass(entry), entry }));
  }

  /** Payload bytes from `start` up to `end`, in order, in pieces of a record at most. */
  async *payload(start = 0, end = this.payloadBytes): AsyncGenerator<Buffer> {
    if (start >= end) return;
    const first = await this.manifest.findByOffset("payload", start);
    let at = first.startOffset;
    for await (const { plain } of this.reader.readMany(this.manifest.keys("payload", first.index))) {
      const from = Math.max(0, start - at);
      const to = Math.min(plain.length, end - at);
      at += plain.length;
      if (to > from) yield plain.subarray(from, to);
      if (at >= end) return;
    }
    if (at < end) throw integrity("The contents of the image are shorter than its entries say.");
  }
}
