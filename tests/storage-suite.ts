import { randomBytes, randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { StorageBackend } from "@/lib/storage/backend";

export interface StorageUnderTest {
  storage: StorageBackend;
  /** Another view of the same place, as another process would have it. */
  reopen(): StorageBackend;
  close(): Promise<void>;
}

/**
 * The contract of StorageBackend. Every backend runs it; it assumes nothing of folders, links or modes.
 * What a backend does beyond the contract is tested beside it.
 */
export function storageSuite(name: string, open: () => Promise<StorageUnderTest>): void {
  describe(`${name} keeps the contract of StorageBackend`, () => {
    let place: StorageUnderTest;
    let storage: StorageBackend;
    beforeEach(async () => {
      place = await open();
      storage = place.storage;
    });
    afterEach(() => place.close());

    const code = (work: Promise<unknown>) =>
      work.then(
        () => "no error",
        (error) => error.code,
      );
    const write = async (key: string, ...parts: Buffer[]) => {
      const writer = await storage.create(key);
      for (const part of parts) await writer.write(part);
      await writer.commit();
    };
    const readAll = async (key: string, from?: number, end?: number, through = storage) => {
      const pieces: Buffer[] = [];
      for await (const piece of through.stream(key, from, end)) {
        expect(piece.length).toBeLessThanOrEqual(1024 * 1024);
        pieces.push(piece);
      }
      return Buffer.concat(pieces);
    };
    const keys = async (prefix: string, through = storage) => {
      const found: string[] = [];
      for await (const { key } of through.list(prefix)) found.push(key);
      return found;
    };

    describe("put", () => {
      it("makes an object readable, whole and in part", async () => {
        await storage.put("a/b/c.json", Buffer.from("hello world"));
        expect((await storage.read("a/b/c.json", 0, 11)).toString()).toBe("hello world");
        expect((await storage.read("a/b/c.json", 6, 5)).toString()).toBe("world");
        expect(await storage.size("a/b/c.json")).toBe(11);
      });
      it("replaces what was there, longer or shorter", async () => {
        await storage.put("doc", Buffer.from("a long first version"));
        await storage.put("doc", Buffer.from("short"));
        expect(await storage.size("doc")).toBe(5);
        expect((await storage.read("doc", 0, 5)).toString()).toBe("short");
      });
      it("keeps an empty object", async () => {
        await storage.put("empty", Buffer.alloc(0));
        expect(await storage.size("empty")).toBe(0);
        expect(await readAll("empty")).toHaveLength(0);
        expect(await storage.read("empty", 0, 0)).toHaveLength(0);
      });
      it("shows readers the old or the new object, never a mixture, while it is replaced", async () => {
        const versions = [Buffer.alloc(200_000, 1), Buffer.alloc(200_000, 2)] as const;
        await storage.put("swap", versions[0]);
        const replacing = (async () => {
          for (let i = 0; i < 20; i++) await storage.put("swap", versions[i % 2 === 0 ? 1 : 0]);
        })();
        for (let i = 0; i < 20; i++) {
          const seen = await storage.read("swap", 0, 200_000);
          expect(seen.equals(versions[0]) || seen.equals(versions[1])).toBe(true);
        }
        await replacing;
      });
      it("does not change with the caller's buffer afterwards", async () => {
        const body = Buffer.from("before");
        await storage.put("kept", body);
        body.fill(0);
        expect((await storage.read("kept", 0, 6)).toString()).toBe("before");
      });
    });

    describe("create", () => {
      it("joins the pieces in order", async () => {
        const parts = [randomBytes(3), Buffer.alloc(0), randomBytes(2_500_000), randomBytes(70_000)];
        await write("packs/one.pack", ...parts);
        expect((await readAll("packs/one.pack")).equals(Buffer.concat(parts))).toBe(true);
      });
      it("lets go of the bytes when write resolves", async () => {
        const bytes = Buffer.from("first");
        const writer = await storage.create("reused");
        await writer.write(bytes);
        bytes.write("later");
        await writer.write(bytes);
        await writer.commit();
        expect((await storage.read("reused", 0, 10)).toString()).toBe("firstlater");
      });
      it("shows nothing before commit, and everything to others after it", async () => {
        const writer = await storage.create("packs/two.pack");
        await writer.write(Buffer.from("data"));
        expect(await storage.size("packs/two.pack")).toBeNull();
        expect(await keys("")).toEqual([]);
        await writer.commit();
        const other = place.reopen();
        expect((await other.read("packs/two.pack", 0, 4)).toString()).toBe("data");
        expect(await keys("packs/", other)).toEqual(["packs/two.pack"]);
      });
      it("refuses to commit over an object that exists, and leaves that one as it was", async () => {
        await write("once", Buffer.from("first"));
        const second = await storage.create("once");
        await second.write(Buffer.from("second"));
        expect(await code(second.commit())).toBe("conflict");
        await second.abort();
        expect((await readAll("once")).toString()).toBe("first");
      });
      it("leaves nothing after abort, which may be called at any time and again", async () => {
        const writer = await storage.create("gone");
        await writer.write(Buffer.from("x"));
        await writer.abort();
        await writer.abort();
        expect(await storage.size("gone")).toBeNull();
        expect(await code(writer.write(Buffer.from("y")))).toBe("conflict");
        expect(await code(writer.commit())).toBe("conflict");
        await write("done", Buffer.from("x"));
        const done = await storage.create("done-too");
        await done.commit();
        await done.abort();
        expect(await storage.size("done-too")).toBe(0);
      });
      it("keeps writers of different keys apart", async () => {
        const names = Array.from({ length: 8 }, (_, i) => `many/${i}`);
        const bodies = names.map(() => randomBytes(300_000));
        await Promise.all(names.map((key, i) => write(key, bodies[i] as Buffer)));
        for (const [i, key] of names.entries()) expect((await readAll(key)).equals(bodies[i] as Buffer)).toBe(true);
      });
    });

    describe("read and stream", () => {
      it("answer not_found for what is not there", async () => {
        expect(await code(storage.read("no/such", 0, 1))).toBe("not_found");
        expect(await code(readAll("no/such"))).toBe("not_found");
        expect(await storage.size("no/such")).toBeNull();
        await storage.put("a", Buffer.from("x"));
        expect(await storage.size("a/b")).toBeNull();
        expect(await code(storage.read("a/b", 0, 1))).toBe("not_found");
      });
      it("answers integrity when the object is shorter than asked", async () => {
        await storage.put("short", Buffer.from("12345"));
        expect(await code(storage.read("short", 0, 6))).toBe("integrity");
        expect(await code(storage.read("short", 5, 1))).toBe("integrity");
        expect(await code(storage.read("short", 100, 1))).toBe("integrity");
      });
      it("agree on every range", async () => {
        const body = randomBytes(2_200_000);
        await write("ranges", body);
        const range = fc
          .tuple(fc.nat(body.length), fc.nat(body.length))
          .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
        await fc.assert(
          fc.asyncProperty(range, async ([from, end]) => {
            const expected = body.subarray(from, end);
            expect((await storage.read("ranges", from, end - from)).equals(expected)).toBe(true);
            expect((await readAll("ranges", from, end)).equals(expected)).toBe(true);
          }),
          { numRuns: 20 },
        );
        expect((await readAll("ranges", 2_000_000)).equals(body.subarray(2_000_000))).toBe(true);
        expect(await readAll("ranges", 9_000_000)).toHaveLength(0);
      });
      it("lets a reader stop early", async () => {
        await write("long", randomBytes(3_000_000));
        for await (const piece of storage.stream("long")) {
          expect(piece.length).toBeGreaterThan(0);
          break;
        }
        await storage.delete("long");
        expect(await storage.size("long")).toBeNull();
      });
    });

    describe("list", () => {
      it("answers every key below a prefix in byte order, with sizes", async () => {
        const all = ["a", "a-b", "a.c/x", "a/b", "a/b.z", "a/c/d", "a0", "b/1", "b/2"];
        for (const [i, key] of [...all].reverse().entries()) if (key !== "a") await storage.put(key, Buffer.alloc(i));
        const stored = all.filter((key) => key !== "a");
        expect(await keys("")).toEqual([...stored].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y))));
        expect(await keys("a/")).toEqual(["a/b", "a/b.z", "a/c/d"]);
        expect(await keys("a/b")).toEqual(["a/b", "a/b.z"]);
        expect(await keys("a/c/d")).toEqual(["a/c/d"]);
        expect(await keys("b/2")).toEqual(["b/2"]);
        expect(await keys("nothing/here/")).toEqual([]);
        for await (const { key, sizeBytes } of storage.list("b/")) expect(sizeBytes).toBe(await storage.size(key));
      });
      it("goes on when objects come and go meanwhile", async () => {
        for (let i = 0; i < 30; i++) await storage.put(`l/${String(i).padStart(2, "0")}`, Buffer.from("x"));
        const seen: string[] = [];
        for await (const { key } of storage.list("l/")) {
          seen.push(key);
          if (key === "l/05") await storage.delete("l/20");
        }
        expect(seen.filter((key) => key !== "l/20")).toHaveLength(29);
      });
    });

    describe("delete", () => {
      it("removes an object for everyone; a missing one is no error", async () => {
        await storage.put("d/x", Buffer.from("x"));
        await storage.delete("d/x");
        await storage.delete("d/x");
        await storage.delete("never/was/there");
        expect(await place.reopen().size("d/x")).toBeNull();
        expect(await keys("d/")).toEqual([]);
        await write("d/x", Buffer.from("again"));
        expect(await storage.size("d/x")).toBe(5);
      });
    });

    const bad = [
      "",
      "/",
      "/a",
      "a/",
      "a//b",
      ".",
      "..",
      "a/../b",
      "a/./b",
      "../x",
      "tmp",
      "tmp/x",
      "a b",
      "ä",
      "a\0b",
      "a\\b",
      "a\nb",
      "x".repeat(256),
    ];
    it.each(bad)("refuses the key %j everywhere", async (key) => {
      expect(await code(storage.put(key, Buffer.from("x")))).toBe("invalid_input");
      expect(await code(storage.create(key))).toBe("invalid_input");
      expect(await code(storage.read(key, 0, 1))).toBe("invalid_input");
      expect(await code(readAll(key))).toBe("invalid_input");
      expect(await code(storage.size(key))).toBe("invalid_input");
      expect(await code(storage.delete(key))).toBe("invalid_input");
    });
    it.each(["/", "../", "a/../b", "a//", "tmp/", "a b"])("refuses the prefix %j", async (prefix) => {
      expect(await code(keys(prefix))).toBe("invalid_input");
    });
    it("takes a key of 255 bytes, and ids of both kinds", async () => {
      const long = `${"a".repeat(100)}/${"b".repeat(100)}/${"c".repeat(53)}`;
      expect(long).toHaveLength(255);
      for (const key of [long, `t/${randomUUID()}/packs/0f/${randomUUID()}.pack`]) {
        await write(key, Buffer.from("x"));
        expect(await keys(key.slice(0, -1))).toEqual([key]);
      }
    });
    it("knows how much space there is", async () => {
      const { freeBytes, totalBytes } = await storage.space();
      expect(freeBytes).toBeGreaterThan(0);
      expect(totalBytes).toBeGreaterThanOrEqual(freeBytes);
    });
  });
}
