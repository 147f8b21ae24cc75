import { readdirSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { RecordReader } from "@/lib/engine/records/read";
import { receiveFrames } from "@/lib/engine/records/receive";
import type { Domain } from "@/lib/engine/repositories/open";
import { TwincoreError } from "@/lib/errors";
import {
  digestOf,
  errorCode,
  faulty,
  framesOf,
  indexedDigests,
  noise,
  packsOf,
  Store,
  storedDigests,
  streamOf,
} from "./store";

let store: Store;
beforeAll(async () => {
  store = await Store.start();
});
const limits = { bytesMax: 64 * 1024 * 1024, recordsMax: 1000 };
const receive = (
  domain: Domain,
  stream: AsyncIterable<Uint8Array>,
  allow: (digest: Buffer) => boolean = () => true,
  within = limits,
) => receiveFrames(store.ctx, domain, stream, allow, within);
const unfinished = () => readdirSync(path.join(store.folder, "repository/tmp"));
const records = (name: string, count: number, length = 120_000) =>
  Array.from({ length: count }, (_, i) =>
    i % 3 ? noise(`${name} ${i}`, length) : Buffer.alloc(length + i, `${name} ${i} `),
  );
const hexes = (list: Buffer[]) => list.map((record) => digestOf(record).toString("hex")).sort();

async function* cutAt(bytes: Buffer, length: number, then?: Error): AsyncIterable<Buffer> {
  for (let at = 0; at < length; at += 65_536) yield bytes.subarray(at, Math.min(at + 65_536, length));
  if (then) throw then;
}

describe("receiving records", () => {
  it("makes them durable, indexed and readable in one pack", async () => {
    const domain = await store.domain();
    const sent = records("all", 100);
    const stored = await framesOf(sent);
    const bytes = Buffer.concat(stored);
    expect(await receive(domain, cutAt(bytes, bytes.length))).toEqual({ records: 100, bytes: bytes.length, known: 0 });
    expect(await packsOf(domain)).toHaveLength(1);
    expect(await indexedDigests(store.ctx, domain)).toEqual(hexes(sent));
    const keys = sent.map((record) => ({ digest: digestOf(record), rawLength: record.length, aux: 0n }));
    let i = 0;
    for await (const { plain } of new RecordReader(store.ctx, domain).readMany(keys))
      expect(plain.equals(sent[i++] as Buffer)).toBe(true);
  });

  it("again stores nothing twice, so a lost acknowledgement costs no space", async () => {
    const domain = await store.domain();
    const frames = await framesOf(records("again", 20));
    await receive(domain, streamOf(...frames));
    expect(await receive(domain, streamOf(...frames, ...frames))).toMatchObject({ records: 0, known: 40 });
    const more = await framesOf(records("more", 3));
    expect(await receive(domain, streamOf(...frames, ...more, ...more))).toMatchObject({ records: 3, known: 23 });
    expect(await packsOf(domain)).toHaveLength(2);
  });

  it("of nothing is nothing", async () => {
    const domain = await store.domain();
    expect(await receive(domain, streamOf())).toEqual({ records: 0, bytes: 0, known: 0 });
    expect(await packsOf(domain)).toEqual([]);
  });

  it("keeps what came whole before the stream broke, and says how it broke", async () => {
    const sent = records("broken", 50);
    const stored = await framesOf(sent);
    const bytes = Buffer.concat(stored);
    const upTo31 = stored.slice(0, 31).reduce((sum, frame) => sum + frame.length, 0);
    const breaks: [AsyncIterable<Buffer>, string][] = [
      [cutAt(bytes, upTo31 + 5000), "integrity"],
      [cutAt(bytes, upTo31 + 10), "integrity"],
      [cutAt(bytes, upTo31 + 5000, Object.assign(new Error("aborted"), { code: "ECONNRESET" })), "ECONNRESET"],
    ];
    for (const [stream, code] of breaks) {
      const domain = await store.domain();
      expect(await errorCode(receive(domain, stream))).toBe(code);
      expect(await indexedDigests(store.ctx, domain)).toEqual(hexes(sent.slice(0, 31)));
      expect(await storedDigests(domain)).toEqual(hexes(sent.slice(0, 31)));
      expect(unfinished()).toEqual([]);
    }
  });

  it("refuses a record whose bytes do not match its id, and keeps the ones before it", async () => {
    const sent = records("forged", 30);
    const stored = await framesOf(sent);
    for (const at of [0, 7, 29]) {
      const domain = await store.domain();
      const forged = stored.map((frame) => Buffer.from(frame));
      const frame = forged[at] as Buffer;
      frame[frame.length - 20] = (frame[frame.length - 20] ?? 0) ^ 1;
      expect(await errorCode(receive(domain, streamOf(...forged)))).toBe("integrity");
      expect(await indexedDigests(store.ctx, domain)).toEqual(hexes(sent.slice(0, at)));
      expect(unfinished()).toEqual([]);
    }
  });

  it("refuses a record that was not asked for, and more than was agreed", async () => {
    const sent = records("unasked", 10);
    const stored = await framesOf(sent);
    const third = digestOf(sent[3] as Buffer);
    const cases: [Parameters<typeof receive>[2], typeof limits, string, number][] = [
      [(digest) => !digest.equals(third), limits, "invalid_input", 3],
      [() => true, { ...limits, recordsMax: 4 }, "too_large", 4],
      [
        () => true,
        { ...limits, bytesMax: stored.slice(0, 6).reduce((sum, frame) => sum + frame.length, -1) },
        "too_large",
        5,
      ],
    ];
    for (const [allow, within, code, kept] of cases) {
      const domain = await store.domain();
      expect(await errorCode(receive(domain, streamOf(...stored), allow, within))).toBe(code);
      expect(await indexedDigests(store.ctx, domain)).toEqual(hexes(sent.slice(0, kept)));
    }
  });

  it.each(["create", "write", "commit"])(
    "answers storage_full when the disk is full at %s, with nothing half done, and completes later",
    async (at) => {
      const domain = await store.domain();
      let calls = 0;
      const full = faulty(domain.storage, (call) => {
        if (call === at && ++calls === (at === "write" ? 3 : 1))
          throw new TwincoreError("storage_full", "The disk is full.");
      });
      const sent = records(`full ${at}`, 80, 300_000);
      const stored = await framesOf(sent);
      expect(await errorCode(receive({ ...domain, storage: full }, streamOf(...stored)))).toBe("storage_full");
      expect(unfinished()).toEqual([]);
      expect(await packsOf(domain)).toEqual([]);
      expect(await indexedDigests(store.ctx, domain)).toEqual([]);
      expect(await receive(domain, streamOf(...stored))).toMatchObject({ records: 80 });
    },
  );

  it("from several at once keeps every record", async () => {
    const domain = await store.domain();
    const sent = records("parallel", 60, 40_000);
    const stored = await framesOf(sent);
    await Promise.all([0, 15, 30, 15].map((from) => receive(domain, streamOf(...stored.slice(from, from + 30)))));
    expect(await indexedDigests(store.ctx, domain)).toEqual(hexes(sent));
  });

  it("does not mix up tenants: the same records are stored for each", async () => {
    const [one, two] = [await store.domain(), await store.domain()];
    const stored = await framesOf(records("tenants", 5));
    expect(await receive(one, streamOf(...stored))).toMatchObject({ records: 5, known: 0 });
    expect(await receive(two, streamOf(...stored))).toMatchObject({ records: 5, known: 0 });
  });
});
