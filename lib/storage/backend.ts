/**
 * Where a repository keeps its files. Every backend passes tests/storage-suite.ts.
 *
 * Keys are relative paths of `[A-Za-z0-9._-]` segments joined by "/", at most 255 bytes in all; "." and ".." are no
 * segments, and the first segment is never "tmp" (a backend may keep unfinished writes there). Others are refused with
 * `invalid_input`. A key never is the folder of another key.
 *
 * Durability: when `put`, `commit` or `delete` resolves, its effect survives a power cut, name and all.
 * Atomicity: a reader sees the whole object or none; an interrupted write leaves nothing under the key.
 * Write-once: writing a key that exists replaces it only by `put`; `commit` must refuse it with `conflict`.
 *   A backend without conditional writes (an S3 dialect) may refuse by looking first: keys of large objects hold a
 *   random id, so two writers of one key are a repeated call, never a race about content.
 * Read-after-write: an object is readable and listed by any process as soon as its write resolved.
 * Concurrency: any number of calls at once, from any number of processes.
 * Errors: a missing object is `not_found`; no space is `storage_full`; an unreachable store is `unavailable`.
 */
export interface StorageBackend {
  /** Writes a small object (documents, identity) at once. Must replace an existing one atomically. */
  put(key: string, body: Uint8Array): Promise<void>;
  /** Starts a large write-once object. Nothing is visible before `commit`. */
  create(key: string): Promise<ObjectWriter>;
  /**
   * Reads exactly `length` bytes at `offset`. Must throw `integrity` when the object is shorter. May fill `into` (which has that
   * length) and answer it, or answer a buffer of its own: only what it answers counts.
   */
  read(key: string, offset: number, length: number, into?: Buffer): Promise<Buffer>;
  /** The bytes from `offset` up to `end` (exclusive, default: all), in order, with back-pressure, in pieces of ≤ 1 MiB. */
  stream(key: string, offset?: number, end?: number): AsyncIterable<Buffer>;
  /** Size of the object in bytes, or null when there is none. */
  size(key: string): Promise<number | null>;
  /** Every object whose key starts with the prefix, in byte order of keys, without loading them all. */
  list(prefix: string): AsyncIterable<{ key: string; sizeBytes: number }>;
  /** Removes an object; a missing one is no error. */
  delete(key: string): Promise<void>;
  /** Free and total bytes of the place, as far as the backend can know. */
  space(): Promise<{ freeBytes: number; totalBytes: number }>;
}

export interface ObjectWriter {
  /** Appends; resolves when the writer can take more and has let go of `bytes`. One call at a time. */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes the object durable and visible. Must throw `conflict` when the key exists. Nothing may be called after it. */
  commit(): Promise<void>;
  /** Drops what was written. May be called at any time and repeatedly, also after a failed write or commit. */
  abort(): Promise<void>;
}
