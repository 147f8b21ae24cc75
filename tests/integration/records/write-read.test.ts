import { readdirSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { PACK_BYTES_MAX } from "@/lib/engine/packs/writer";
import { readFrameHeader } from "@/lib/engine/records/codec";
import { countUnindexed, findMissing, locateRecords } from "@/lib/engine/records/find";
import { encodeKeys, holeKey, isHole } from "@/lib/engine/records/key";
import { RecordReader } from "@/lib/engine/records/read";
import { RecordWriter } from "@/lib/engine/records/write";
import { TwincoreError } from "@/lib/errors";
import { digestOf, errorCode, faulty, framesOf, indexedDigests, noise, packsOf, Store, storedDigests } from "./store";

let store: Store;
beforeAll(async () => {
  store = await Store.start();
});
const unfinished = () => readdirSync(path.join(store.folder, "repository/tmp"));

describe("a record writer", () => {
  it("stores each record once, whatever order and however often it comes, and no holes", async () => {
    const domain = await store.domain();
    const records = Array.from({ length: 40 }, (_, i) => noise(i % 25, 10_000 + (i % 25)));
    const writer = new RecordWriter(store.ctx, domain, {});
    const keys = await Promise.all([...records, Buffer.alloc(50_000)].map((record) => writer.put(record)));
    const total = await writer.finish();
    expect(total).toMatchObject({ newRecords: 25, knownRecords: 15 });
    expect(total.savedBytes).toBe(records.slice(25).reduce((sum, record) => sum + record.length, 0));
    expect(keys.map((key) => key.digest.toString("hex")).slice(0, 40)).toEqual(
      records.map((r) => digestOf(r).toString("hex")),
    );
    expect(keys[40]).toEqual(holeKey(50_000));
    expect((await storedDigests(domain)).length).toBe(25);
    expect(await indexedDigests(store.ctx, domain)).toEqual(await storedDigests(domain));
    const again = new RecordWriter(store.ctx, domain, {});
    await Promise.all(records.map((record) => again.put(record)));
    expect(await again.finish()).toMatchObject({ newRecords: 0, knownRecords: 40, storedBytes: 0 });
    expect(await packsOf(domain)).toHaveLength(1);
  });

  it("copies what it is given: the buffer may be used again at once", async () => {
    const domain = await store.domain();
    const writer = new RecordWriter(store.ctx, domain, {});
    const buffer = Buffer.alloc(100_000);
    const keys = [];
    for (let i = 0; i < 30; i++) {
      noise(i, buffer.length).copy(buffer);
      keys.push(await writer.put(buffer));
      buffer.fill(255);
    }
    await writer.finish();
    const reader = new RecordReader(store.ctx, domain);
    for (const [i, key] of keys.entries()) expect((await reader.read(key)).equals(noise(i, 100_000))).toBe(true);
  });

  it("begins another pack when one is full, and reads all of it back in order", async () => {
    const domain = await store.domain();
    const records = Array.from({ length: 40 }, (_, i) => noise(`large ${i % 36}`, 2 * 1024 * 1024 + i));
    const keys = await store.write(domain, records);
    const packs = await packsOf(domain);
    expect(packs).toHaveLength(2);
    for (const key of packs) expect(await domain.storage.size(key)).toBeLessThan(PACK_BYTES_MAX + 10_000);
    let i = 0;
    for await (const { key, plain } of new RecordReader(store.ctx, domain).readMany(keys)) {
      expect(key).toBe(keys[i]);
      expect(plain.equals(records[i++] as Buffer)).toBe(true);
    }
    expect(i).toBe(40);
  });

  it("takes no empty and no oversized record", async () => {
    const writer = new RecordWriter(store.ctx, await store.domain(), {});
    for (const length of [0, 4 * 1024 * 1024 + 1])
      expect(await errorCode(writer.put(Buffer.alloc(length)))).toBe("invalid_input");
    await writer.abort();
  });

  it("leaves nothing behind when it is aborted, by call or by signal", async () => {
    for (const by of ["call", "signal"]) {
      const domain = await store.domain();
      const stop = new AbortController();
      const writer = new RecordWriter(store.ctx, domain, { signal: stop.signal });
      await Promise.all(Array.from({ length: 20 }, (_, i) => writer.put(noise(`${by} ${i}`, 200_000))));
      if (by === "signal") {
        stop.abort(new TwincoreError("conflict", "cancelled by its user"));
        expect(await errorCode(writer.put(noise("late", 1000)))).toBe("conflict");
        expect(await errorCode(writer.finish())).toBe("conflict");
      } else await writer.abort();
      expect(await packsOf(domain)).toEqual([]);
      expect(await indexedDigests(store.ctx, domain)).toEqual([]);
      expect(unfinished()).toEqual([]);
    }
  });

  it.each(["create", "write", "commit"])(
    "fails cleanly when the disk is full at %s, and a new one then completes",
    async (at) => {
      const domain = await store.domain();
      let calls = 0;
      const full = faulty(domain.storage, (call) => {
        if (call === at && ++calls === (at === "write" ? 5 : 1))
          throw new TwincoreError("storage_full", "The disk is full.");
      });
      const records = Array.from({ length: 30 }, (_, i) => noise(`full ${i}`, 300_000));
      const writer = new RecordWriter(store.ctx, { ...domain, storage: full }, {});
      const work = (async () => {
        for (const record of records) await writer.put(record);
        await writer.finish();
      })();
      expect(await errorCode(work)).toBe("storage_full");
      await writer.abort();
      expect(unfinished()).toEqual([]);
      expect(await indexedDigests(store.ctx, domain)).toEqual(await storedDigests(domain));
      await store.write(domain, records);
      expect((await indexedDigests(store.ctx, domain)).length).toBe(30);
    },
  );

  it("and another one may store the same records at the same time: each is indexed once and readable", async () => {
    const domain = await store.domain();
    const records = Array.from({ length: 60 }, (_, i) => noise(`same ${i}`, 60_000));
    const all = await Promise.all([
      store.write(domain, records),
      store.write(domain, records.toReversed()),
      store.write(domain, records.slice(20)),
    ]);
    expect(await indexedDigests(store.ctx, domain)).toEqual(
      records.map((record) => digestOf(record).toString("hex")).sort(),
    );
    const reader = new RecordReader(store.ctx, domain);
    for (const [i, key] of (all[0] ?? []).entries())
      expect((await reader.read(key)).equals(records[i] as Buffer)).toBe(true);
  });
});

describe("a record reader", () => {
  it("hands out holes as zeros, among stored records", async () => {
    const domain = await store.domain();
    const [key] = await store.write(domain, [noise("one", 70_000)]);
    if (!key) throw new Error("no key");
    const lengths: number[] = [];
    for await (const { key: found, plain } of new RecordReader(store.ctx, domain).readMany([
      holeKey(5),
      key,
      holeKey(4_194_304),
      key,
    ])) {
      lengths.push(plain.length);
      expect(plain.every((byte) => byte === 0)).toBe(isHole(found));
    }
    expect(lengths).toEqual([5, 70_000, 4_194_304, 70_000]);
  });

  it("names a record that is missing, and one whose pack is gone, as integrity", async () => {
    const domain = await store.domain();
    const reader = new RecordReader(store.ctx, domain);
    const absent = { digest: digestOf(Buffer.from("absent")), rawLength: 5, aux: 0n };
    expect(await errorCode(reader.read(absent))).toBe("integrity");
    expect(await errorCode(reader.frameOf(absent.digest))).toBe("integrity");
    const [key] = await store.write(domain, [noise("gone", 70_000)]);
    if (!key) throw new Error("no key");
    expect(await errorCode(reader.read({ ...key, rawLength: 69_999 }))).toBe("integrity");
    for (const pack of await packsOf(domain)) await domain.storage.delete(pack);
    expect(await errorCode(reader.read(key))).toBe("integrity");
  });

  it("never hands out a byte that changed on the disk", async () => {
    const domain = await store.domain();
    const record = noise("rot", 40_000);
    const [key] = await store.write(domain, [record]);
    const [pack] = await packsOf(domain);
    if (!key || !pack) throw new Error("nothing was stored");
    const whole = await domain.storage.read(pack, 0, (await domain.storage.size(pack)) ?? 0);
    for (let at = 0; at < 40_052; at += 997) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0x10;
      await domain.storage.put(pack, damaged);
      expect(await errorCode(new RecordReader(store.ctx, domain).read(key))).toBe("integrity");
    }
  });

  it("gives frames as they are stored, in the order asked", async () => {
    const domain = await store.domain();
    const records = Array.from({ length: 30 }, (_, i) =>
      i % 2 ? noise(`f${i}`, 5000 + i) : Buffer.alloc(90_000, `text ${i} `),
    );
    const keys = await store.write(domain, records);
    const asked = [...keys.toReversed(), ...keys];
    const found: string[] = [];
    for await (const frame of new RecordReader(store.ctx, domain).framesOf(asked.map((key) => key.digest)))
      found.push(readFrameHeader(frame).digest.toString("hex"));
    expect(found).toEqual(asked.map((key) => key.digest.toString("hex")));
    const expected = await framesOf(records);
    const one = await new RecordReader(store.ctx, domain).frameOf((keys[3] as { digest: Buffer }).digest);
    expect(one.equals(expected[3] as Buffer)).toBe(true);
  });

  it("may be left early, and by many at once", async () => {
    const domain = await store.domain();
    const records = Array.from({ length: 60 }, (_, i) => noise(`m${i}`, 400_000));
    const keys = await store.write(domain, records);
    const reader = new RecordReader(store.ctx, domain);
    await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        for await (const { plain } of reader.readMany(keys.slice(i))) {
          expect(plain.equals(records[i] as Buffer)).toBe(true);
          break;
        }
      }),
    );
    expect(await reader.read(keys[59] as (typeof keys)[0])).toHaveLength(400_000);
  });
});

describe("the index", () => {
  it("answers the positions of what is missing, a repeated digest once, and nothing across tenants", async () => {
    const [domain, other] = [await store.domain(), await store.domain()];
    const records = Array.from({ length: 20 }, (_, i) => noise(`i${i}`, 500));
    await store.write(domain, records.slice(0, 10));
    const digests = records.map(digestOf);
    expect(await findMissing(store.ctx, domain.id, digests)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(await findMissing(store.ctx, domain.id, [...digests.slice(8, 12), ...digests.slice(8, 12)])).toEqual([2, 3]);
    expect(await findMissing(store.ctx, other.id, digests)).toHaveLength(20);
    expect(await findMissing(store.ctx, domain.id, [])).toEqual([]);
    expect((await locateRecords(store.ctx, other.id, digests)).size).toBe(0);
  });

  it("takes as many digests as a negotiation offers, beyond the size of one statement", async () => {
    const domain = await store.domain();
    const present = [noise("a", 300), noise("b", 300)];
    await store.write(domain, present);
    const digests = Array.from({ length: 25_000 }, (_, i) => digestOf(Buffer.from(String(i))));
    digests[12_345] = digestOf(present[0] as Buffer);
    digests[24_999] = digestOf(present[1] as Buffer);
    const missing = await findMissing(store.ctx, domain.id, digests);
    expect(missing).toEqual(Array.from({ length: 25_000 }, (_, i) => i).filter((i) => i !== 12_345 && i !== 24_999));
  });

  it("counts keys whose record is missing or has another length, and no holes", async () => {
    const domain = await store.domain();
    const keys = await store.write(domain, [noise("c", 300), noise("d", 70_000), noise("e", 1_048_576)]);
    const count = (list: typeof keys) => countUnindexed(store.ctx, domain.id, encodeKeys(list));
    expect(await count([...keys, holeKey(1000)])).toBe(0);
    expect(await count(keys.map((key) => ({ ...key, rawLength: key.rawLength + 1 })))).toBe(3);
    expect(await count([{ digest: digestOf(Buffer.from("?")), rawLength: 2 ** 32 - 1, aux: 0n }])).toBe(1);
  });

  it("leaves half of the connections to others, however many captures and lookups run", async () => {
    const domain = await store.domain();
    const { pool } = store.ctx.db;
    let used = 0;
    const looking = Array.from({ length: 50 }, (_, i) =>
      findMissing(store.ctx, domain.id, [digestOf(Buffer.from(`x${i}`))]),
    );
    const writing = Array.from({ length: 6 }, (_, i) => store.write(domain, [noise(`pool ${i}`, 100_000)]));
    const watch = () => {
      used = Math.max(used, pool.totalCount - pool.idleCount);
    };
    pool.on("acquire", watch);
    await Promise.all([...looking, ...writing]);
    pool.off("acquire", watch);
    expect(used).toBeGreaterThan(0);
    expect(used).toBeLessThanOrEqual((pool.options.max ?? 10) / 2);
  });
});
