import { conflict, integrity, notFound } from "@/lib/errors";
import type { ObjectWriter, StorageBackend } from "./backend";
import { assertKey, assertPrefix, compareKeys } from "./keys";

const PIECE_BYTES = 1024 * 1024;

/** A backend in memory, for tests and for measuring what is not the disk. Its contents end with the process. */
export function openMemoryStorage(): StorageBackend {
  const objects = new Map<string, Buffer>();
  const get = (key: string): Buffer => {
    assertKey(key);
    const body = objects.get(key);
    if (!body) throw notFound(`object (${key}) in this repository`);
    return body;
  };
  return {
    async put(key, body) {
      assertKey(key);
      objects.set(key, Buffer.from(body));
    },
    async create(key) {
      assertKey(key);
      return memoryWriter(objects, key);
    },
    async read(key, offset, length) {
      const body = get(key);
      if (offset + length > body.length)
        throw integrity(`An object of the repository is shorter than expected (${key}).`);
      return Buffer.from(body.subarray(offset, offset + length));
    },
    async *stream(key, offset = 0, end = Number.POSITIVE_INFINITY) {
      const body = get(key);
      for (let at = offset; at < Math.min(end, body.length); at += PIECE_BYTES)
        yield Buffer.from(body.subarray(at, Math.min(at + PIECE_BYTES, end)));
    },
    async size(key) {
      assertKey(key);
      return objects.get(key)?.length ?? null;
    },
    async *list(prefix) {
      assertPrefix(prefix);
      for (const key of [...objects.keys()].filter((name) => name.startsWith(prefix)).sort(compareKeys)) {
        const body = objects.get(key);
        if (body) yield { key, sizeBytes: body.length };
      }
    },
    async delete(key) {
      assertKey(key);
      objects.delete(key);
    },
    async space() {
      return { freeBytes: Number.MAX_SAFE_INTEGER, totalBytes: Number.MAX_SAFE_INTEGER };
    },
  };
}

function memoryWriter(objects: Map<string, Buffer>, key: string): ObjectWriter {
  let parts: Buffer[] | null = [];
  return {
    async write(bytes) {
      if (!parts) throw conflict("This object is finished; nothing can be added to it.");
      parts.push(Buffer.from(bytes));
    },
    async commit() {
      if (!parts) throw conflict("This object is finished already.");
      if (objects.has(key)) throw conflict(`The repository has an object of this name already (${key}).`);
      objects.set(key, Buffer.concat(parts));
      parts = null;
    },
    async abort() {
      parts = null;
    },
  };
}
