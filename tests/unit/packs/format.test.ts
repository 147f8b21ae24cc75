import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeFooter,
  decodeTail,
  encodeFooter,
  footerBytes,
  PACK_TAIL_BYTES,
  type PackEntry,
} from "@/lib/engine/packs/format";
import { newPackId, packKey } from "@/lib/engine/packs/pack-id";
import { readFooter } from "@/lib/engine/packs/read-footer";
import { scanPack } from "@/lib/engine/packs/scan";
import { encodeFrame } from "@/lib/engine/records/codec";
import type { Domain } from "@/lib/engine/repositories/open";
import { openMemoryStorage } from "@/lib/storage/memory";
import { digestOf, errorCode } from "../records/bytes";

const id = newPackId(1_700_000_000_000);
const domain = (): Domain => ({
  id: 1,
  repositoryId: id,
  tenantId: id,
  storage: openMemoryStorage(),
  prefix: `t/${id}/`,
});

async function pack(plains: Buffer[]): Promise<{ bytes: Buffer; entries: PackEntry[]; framesBytes: number }> {
  const entries: PackEntry[] = [];
  const stored: Buffer[] = [];
  let offset = 0;
  for (const plain of plains) {
    const frame = Buffer.from(await encodeFrame(plain, digestOf(plain)));
    entries.push({ digest: digestOf(plain), offset, length: frame.length, rawLength: plain.length });
    stored.push(frame);
    offset += frame.length;
  }
  return { bytes: Buffer.concat([...stored, encodeFooter(id, entries, offset)]), entries, framesBytes: offset };
}

const lengths = fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 0, maxLength: 30 });

describe("a pack's footer", () => {
  it("tells every record of the pack, read from its end alone", async () => {
    await fc.assert(
      fc.asyncProperty(lengths, async (sizes) => {
        const { bytes, entries, framesBytes } = await pack(sizes.map((size) => randomBytes(size)));
        const place = domain();
        const key = packKey(place.prefix, id);
        await place.storage.put(key, bytes);
        const { tail, entries: found } = await readFooter(place, key);
        expect(tail).toEqual({ packId: id, recordCount: sizes.length, framesBytes });
        expect(found).toEqual(entries);
        expect(await scanPack(place, key)).toEqual(entries);
      }),
      { numRuns: 20 },
    );
  });

  it("is refused when any single bit of it is flipped", async () => {
    const { bytes, framesBytes } = await pack([randomBytes(500), Buffer.alloc(5_000, "x"), randomBytes(3)]);
    const place = domain();
    const key = packKey(place.prefix, id);
    for (let bit = framesBytes * 8; bit < bytes.length * 8; bit++) {
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await place.storage.put(key, damaged);
      expect(await errorCode(readFooter(place, key))).toBe("integrity");
    }
  });

  it("is refused when the pack is cut anywhere, or longer than it was", async () => {
    const { bytes } = await pack([randomBytes(500), randomBytes(800)]);
    const place = domain();
    const key = packKey(place.prefix, id);
    for (let length = 0; length < bytes.length; length += 13) {
      await place.storage.put(key, bytes.subarray(0, length));
      expect(await errorCode(readFooter(place, key))).toBe("integrity");
    }
    await place.storage.put(key, Buffer.concat([bytes, Buffer.from("x")]));
    expect(await errorCode(readFooter(place, key))).toBe("integrity");
  });

  it("cannot point outside of the pack, even with a right checksum", () => {
    const record = digestOf(Buffer.from("x"));
    for (const entry of [
      { digest: record, offset: 0, length: 1001, rawLength: 10 },
      { digest: record, offset: 950, length: 60, rawLength: 10 },
      { digest: record, offset: 0, length: 52, rawLength: 10 },
      { digest: record, offset: 0, length: 60, rawLength: 0 },
      { digest: record, offset: 0, length: 60, rawLength: 4 * 1024 * 1024 + 1 },
    ]) {
      const footer = encodeFooter(id, [entry], 1000);
      const tail = decodeTail(footer.subarray(footer.length - PACK_TAIL_BYTES), 1000 + footer.length);
      expect(footerBytes(tail)).toBe(footer.length);
      expect(() => decodeFooter(footer, tail)).toThrow(/points outside/);
    }
  });
});

describe("a pack without its footer", () => {
  it("still yields every whole record, by walking it", async () => {
    const { bytes, entries, framesBytes } = await pack([randomBytes(500), Buffer.alloc(5_000, "x"), randomBytes(900)]);
    const place = domain();
    const key = packKey(place.prefix, id);
    await place.storage.put(key, bytes.subarray(0, framesBytes));
    expect(await scanPack(place, key)).toEqual(entries);
    await place.storage.put(key, bytes.subarray(0, framesBytes - 1));
    expect(await scanPack(place, key)).toEqual(entries.slice(0, 2));
  });
  it("yields the others when one record's body is damaged", async () => {
    const { bytes, entries } = await pack([randomBytes(500), randomBytes(600), randomBytes(700)]);
    const place = domain();
    const key = packKey(place.prefix, id);
    const at = (entries[1]?.offset ?? 0) + 100;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await place.storage.put(key, bytes);
    expect(await scanPack(place, key)).toEqual([entries[0], entries[2]]);
  });
});

describe("a pack id", () => {
  it("is a UUID of version 7 that sorts by time and spreads over folders", () => {
    const ids = Array.from({ length: 500 }, (_, i) => newPackId(1_700_000_000_000 + i));
    expect([...ids].sort()).toEqual(ids);
    expect(ids.every((one) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(one))).toBe(
      true,
    );
    expect(new Set(ids.map((one) => packKey("t/x/", one).split("/")[3])).size).toBeGreaterThan(100);
  });
});
