import { type Entry, encodeEntry } from "./entry";
import { pathHash } from "./path";

/** Short enough that one changed entry costs little, long enough that a million entries are about a thousand records. */
export const ENTRIES_RECORD_BYTES_MIN = 64 * 1024;
export const ENTRIES_RECORD_BYTES_MAX = 1024 * 1024;
/** Beyond the minimum, one entry in so many begins a new record: about 140 KiB on average. */
const BORDER_ODDS = 512;

export interface EntriesRecord {
  plain: Buffer;
  /** Payload offset at which the content of its first entry lies: the `aux` of its key. */
  payloadOffset: number;
}

/** Gathers entries to records, cut where paths say so: an entry that comes or goes moves no border but its own. */
export class EntriesWriter {
  private lines: string[] = [];
  private length = 0;
  private recordOffset = 0;
  private payloadOffset = 0;
  private count = 0;

  /** Entries so far. */
  get entryCount(): number {
    return this.count;
  }

  /** Payload bytes of the entries so far. */
  get payloadBytes(): number {
    return this.payloadOffset;
  }

  /** Takes the next entry; answers the record that ended before it, if one did. */
  add(entry: Entry): EntriesRecord | null {
    const line = encodeEntry(entry);
    const bytes = Buffer.byteLength(line);
    const border = this.length >= ENTRIES_RECORD_BYTES_MIN && pathHash(entry.path) % BORDER_ODDS === 0;
    const record = border || this.length + bytes > ENTRIES_RECORD_BYTES_MAX ? this.flush() : null;
    this.lines.push(line);
    this.length += bytes;
    this.count++;
    this.payloadOffset += entry.sizeBytes;
    return record;
  }

  /** The record that is left at the end, or null. */
  flush(): EntriesRecord | null {
    if (this.lines.length === 0) return null;
    const record = { plain: Buffer.from(this.lines.join(""), "utf8"), payloadOffset: this.recordOffset };
    this.lines = [];
    this.length = 0;
    this.recordOffset = this.payloadOffset;
    return record;
  }
}
