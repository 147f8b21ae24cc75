import { randomBytes, randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BLOCK_KEYS, ManifestWriter, openManifest, type StreamKind } from "@/lib/engine/manifests";
import { manifestKey } from "@/lib/engine/manifests/format";
import { encodeKeys, holeKey, KEY_BYTES, type RecordKey } from "@/lib/engine/records/key";
import type { Domain } from "@/lib/engine/repositories/open";
import { openMemoryStorage } from "@/lib/storage/memory";
import { errorCode, gather } from "../records/bytes";

const domain = (): Domain => ({
  id: 1,
  repositoryId: randomUUID(),
  tenantId: randomUUID(),
  storage: openMemoryStorage(),
  prefix: "t/x/",
});
const someKeys = (count: number): RecordKey[] =>
  Array.from({ length: count }, (_, i) =>
    i % 7 === 3
      ? holeKey(1 + (i % 5000))
      : { digest: randomBytes(32), rawLength: 1 + ((i * 7919) % 100_000), aux: BigInt(i) * 2n ** 33n },
  );

async function write(place: Domain, imageId: string, streams: [StreamKind, RecordKey[]][], batch = 700) {
  const writer = await ManifestWriter.create(place, imageId);
  for (const [kind, keys] of streams) {
    await writer.startStream(kind);
    for (let at = 0; at < keys.length; at += batch) await writer.add(keys.slice(at, at + batch));
  }
  return writer.finish();
}

describe("a manifest", () => {
  it("gives back every key of every stream, whatever the counts and batches", async () => {
    const count = fc.oneof(
      fc.nat(30),
      fc.constantFrom(BLOCK_KEYS - 1, BLOCK_KEYS, BLOCK_KEYS + 1, 2 * BLOCK_KEYS),
      fc.nat(3000),
    );
    await fc.assert(
      fc.asyncProperty(count, count, fc.integer({ min: 1, max: 2500 }), async (first, second, batch) => {
        const place = domain();
        const imageId = randomUUID();
        const [entries, payload] = [someKeys(first), someKeys(second)];
        const finished = await write(
          place,
          imageId,
          [
            ["entries", entries],
            ["payload", payload],
          ],
          batch,
        );
        const manifest = await openManifest(place, imageId);
        expect(manifest.digest.equals(finished.digest)).toBe(true);
        expect(manifest.recordCount).toBe(first + second);
        expect(manifest.streams).toEqual(finished.streams);
        expect(manifest.stream("payload")?.totalBytes).toBe(payload.reduce((sum, key) => sum + key.rawLength, 0));
        expect(encodeKeys(await gather(manifest.keys("entries"))).equals(encodeKeys(entries))).toBe(true);
        expect(Buffer.concat(await gather(manifest.packedKeys("payload"))).equals(encodeKeys(payload))).toBe(true);
      }),
      { numRuns: 15 },
    );
  });

  it("finds the record at any offset, and any slice of keys", async () => {
    const place = domain();
    const imageId = randomUUID();
    const keys = someKeys(2 * BLOCK_KEYS + 77);
    await write(place, imageId, [["raw", keys]]);
    const manifest = await openManifest(place, imageId);
    const starts = keys.map(() => 0);
    for (let i = 1; i < keys.length; i++) starts[i] = (starts[i - 1] ?? 0) + (keys[i - 1]?.rawLength ?? 0);
    await fc.assert(
      fc.asyncProperty(fc.nat(keys.length - 1), fc.nat(100_000), fc.nat(keys.length), async (index, inside, to) => {
        const key = keys[index] as RecordKey;
        const startOffset = starts[index] as number;
        const offset = startOffset + (inside % key.rawLength);
        expect(await manifest.findByOffset("raw", offset)).toEqual({ index, startOffset });
        expect((await manifest.keyAt("raw", index)).digest.equals(key.digest)).toBe(true);
        const slice = await gather(manifest.keys("raw", index, to));
        expect(encodeKeys(slice).equals(encodeKeys(keys.slice(index, to)))).toBe(true);
      }),
      { numRuns: 60 },
    );
    const total = manifest.stream("raw")?.totalBytes ?? 0;
    for (const offset of [-1, total, Number.NaN])
      expect(await errorCode(manifest.findByOffset("raw", offset))).toBe("invalid_input");
    expect(await errorCode(manifest.keyAt("raw", keys.length))).toBe("invalid_input");
    expect(await errorCode(manifest.keyAt("payload", 0))).toBe("invalid_input");
  });

  it("has the same digest for the same keys, and another when one key, their order or their stream differs", async () => {
    const place = domain();
    const keys = someKeys(1500);
    const digest = async (streams: [StreamKind, RecordKey[]][], batch?: number) =>
      (await write(place, randomUUID(), streams, batch)).digest.toString("hex");
    const first = await digest([["raw", keys]]);
    expect(await digest([["raw", keys]], 3)).toBe(first);
    const changed = keys.with(1400, { ...(keys[1400] as RecordKey), aux: 5n });
    const others = [
      await digest([["raw", changed]]),
      await digest([["raw", keys.toReversed()]]),
      await digest([["payload", keys]]),
      await digest([["raw", keys.slice(1)]]),
      await digest([
        ["entries", keys.slice(0, 700)],
        ["payload", keys.slice(700)],
      ]),
    ];
    expect(new Set([first, ...others]).size).toBe(6);
  });

  it("is refused when any single bit is flipped, at the latest where the damage is read", async () => {
    const place = domain();
    const imageId = randomUUID();
    await write(place, imageId, [
      ["entries", someKeys(5)],
      ["payload", someKeys(BLOCK_KEYS + 3)],
    ]);
    const key = manifestKey(place.prefix, imageId);
    const whole = await place.storage.read(key, 0, (await place.storage.size(key)) ?? 0);
    const keysEnd = (BLOCK_KEYS + 8) * KEY_BYTES;
    const bits = fc.oneof(fc.nat(whole.length * 8 - 1), fc.integer({ min: keysEnd * 8, max: whole.length * 8 - 1 }));
    const readAll = async () => {
      const manifest = await openManifest(place, imageId);
      for (const { kind } of manifest.streams) await gather(manifest.packedKeys(kind));
    };
    await readAll();
    await fc.assert(
      fc.asyncProperty(bits, async (bit) => {
        const damaged = Buffer.from(whole);
        damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        await place.storage.put(key, damaged);
        expect(await errorCode(readAll())).toBe("integrity");
      }),
      { numRuns: 300 },
    );
    for (let length = 0; length < whole.length; length += 1009) {
      await place.storage.put(key, whole.subarray(0, length));
      expect(await errorCode(readAll())).toBe("integrity");
    }
  });

  it("may be written again for the same image, but never as another one", async () => {
    const place = domain();
    const imageId = randomUUID();
    const keys = someKeys(40);
    const first = await write(place, imageId, [["raw", keys]]);
    const again = await write(place, imageId, [["raw", keys]]);
    expect(again.digest.equals(first.digest)).toBe(true);
    expect(await errorCode(write(place, imageId, [["raw", keys.slice(1)]]))).toBe("conflict");
    expect((await openManifest(place, imageId)).digest.equals(first.digest)).toBe(true);
  });

  it("that was aborted, or never written, does not exist", async () => {
    const place = domain();
    const imageId = randomUUID();
    const writer = await ManifestWriter.create(place, imageId);
    await writer.startStream("raw");
    await writer.add(someKeys(3000));
    await writer.abort();
    expect(await errorCode(openManifest(place, imageId))).toBe("not_found");
  });

  it("takes no record that cannot be, and each kind of stream once", async () => {
    const writer = await ManifestWriter.create(domain(), randomUUID());
    await writer.startStream("raw");
    expect(await errorCode(writer.startStream("raw"))).toBe("invalid_input");
    for (const rawLength of [0, 4 * 1024 * 1024 + 1])
      expect(await errorCode(writer.add([holeKey(rawLength)]))).toBe("invalid_input");
    await writer.abort();
  });
});
