import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EntriesWriter } from "@/lib/engine/folder-images/entries-writer";
import { decodeEntries, type Entry, encodeEntry } from "@/lib/engine/folder-images/entry";
import { EntryGuard } from "@/lib/engine/folder-images/guard";
import { comparePaths, isInside, joinPath, parentPath } from "@/lib/engine/folder-images/path";

const name = fc
  .array(
    fc.integer({ min: 1, max: 255 }).filter((byte) => byte !== 47),
    { minLength: 1, maxLength: 6 },
  )
  .map((bytes) => Buffer.from(bytes).toString("latin1"))
  .filter((text) => text !== "." && text !== "..");
const pathOf = fc.array(name, { maxLength: 4 }).map((parts) => parts.join("/"));

const made = (path: string, more: Partial<Entry> = {}): Entry => ({
  path,
  type: "file",
  mode: 0o644,
  uid: 1,
  gid: 2,
  mtimeNs: 3n,
  ctimeNs: 4n,
  inode: 5n,
  sizeBytes: 0,
  ...more,
});
const folder = (path: string) => made(path, { type: "folder" });

describe("the order of entries", () => {
  it("is that of the lists of components, by bytes", () => {
    const byParts = (a: string, b: string) => {
      const [left, right] = [a, b].map((text) => (text === "" ? [] : text.split("/")));
      for (let i = 0; i < Math.min(left?.length ?? 0, right?.length ?? 0); i++) {
        const order = Buffer.compare(Buffer.from(left?.[i] ?? "", "latin1"), Buffer.from(right?.[i] ?? "", "latin1"));
        if (order !== 0) return order;
      }
      return Math.sign((left?.length ?? 0) - (right?.length ?? 0));
    };
    fc.assert(
      fc.property(pathOf, pathOf, (a, b) => {
        expect(Math.sign(comparePaths(a, b))).toBe(byParts(a, b));
      }),
    );
  });

  it("puts everything inside a folder right behind it", () => {
    fc.assert(
      fc.property(fc.array(pathOf, { maxLength: 30 }), pathOf, (paths, top) => {
        const sorted = [...new Set([top, ...paths, joinPath(top, "x")])].sort(comparePaths);
        const at = sorted.indexOf(top);
        const inside = sorted.filter((path) => isInside(path, top));
        expect(sorted.slice(at + 1, at + 1 + inside.length)).toEqual(inside);
      }),
    );
  });
});

describe("an entry", () => {
  const entry = fc.record({
    path: pathOf,
    mode: fc.integer({ min: 0, max: 0o7777 }),
    uid: fc.integer({ min: 0, max: 0xffff_ffff }),
    mtimeNs: fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }),
    inode: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    device: fc.option(fc.bigInt({ min: 0n, max: 2n ** 63n }), { nil: undefined }),
    sizeBytes: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
    sparse: fc.option(fc.constant(true), { nil: undefined }),
  });

  it("comes back from its line as it was, odd bytes too", () => {
    fc.assert(
      fc.property(entry, name, fc.constantFrom("file", "link", "hardlink", "folder", "char"), (fields, other, type) => {
        const before = made(fields.path, { ...fields, type });
        if (type !== "file") before.sizeBytes = 0;
        if (type === "link") before.target = other;
        if (type === "hardlink") before.link = other;
        if (type === "char") before.number = 259n;
        fc.pre(before.path !== "" || type === "folder");
        for (const key of ["device", "sparse"] as const) if (before[key] === undefined) delete before[key];
        expect(decodeEntries(Buffer.from(encodeEntry(before)))).toEqual([before]);
      }),
    );
  });

  it.each([
    ["a way up", "../etc/passwd"],
    ["a way up inside", "a/../../b"],
    ["an absolute path", "/etc/passwd"],
    ["an empty component", "a//b"],
    ["a dot", "a/./b"],
    ["a slash at the end", "a/"],
    ["a NUL", "a\0b"],
  ])("with %s is refused", (_, path) => {
    const line = Buffer.from(encodeEntry(made(path)));
    expect(() => decodeEntries(line)).toThrow(/leads out of it/);
    const link = Buffer.from(encodeEntry(made("x", { type: "hardlink", link: path })));
    expect(() => decodeEntries(link)).toThrow(/leads out of it/);
  });

  it.each([
    "{}",
    "[]",
    "null",
    '{"path":1}',
    "not json",
    encodeEntry(made("a", { mode: 0o10000 })),
    encodeEntry(made("a", { sizeBytes: -1 })),
    encodeEntry(made("a", { sizeBytes: 0.5 })),
    encodeEntry(made("a")).replace('"file"', '"door"'),
    encodeEntry(made("a")).replace('"mtime":"3"', '"mtime":3'),
    encodeEntry(made("a", { type: "link", target: "" })),
    encodeEntry(made("")),
  ])("that no capture writes is refused: %s", (line) => {
    expect(() => decodeEntries(Buffer.from(`${line.trim()}\n`))).toThrow(
      expect.objectContaining({ code: "integrity" }),
    );
  });

  it("cut off in the middle is refused", () => {
    const line = encodeEntry(made("a"));
    expect(() => decodeEntries(Buffer.from(line.slice(0, -1)))).toThrow(/cut off/);
    expect(() => decodeEntries(Buffer.alloc(0))).toThrow(/cut off/);
  });
});

describe("the guard of a whole stream", () => {
  const passAll = (entries: Entry[]) => {
    const guard = new EntryGuard();
    for (const entry of entries) guard.pass(entry);
  };
  const link = made("a", { type: "link", target: "/etc" });

  it.each<[string, Entry[]]>([
    ["a file below a link", [folder(""), link, made("a/passwd")]],
    ["a folder below a link", [folder(""), link, folder("a/b")]],
    ["a file below a file", [folder(""), made("a"), made("a/b")]],
    ["a file without its folder", [folder(""), made("a/b")]],
    ["a path twice", [folder(""), made("a"), made("a")]],
    ["a link and a folder of one path", [folder(""), link, folder("a")]],
    ["entries out of order", [folder(""), made("b"), made("a")]],
    ["no root", [made("a")]],
    ["a hard link to what comes later", [folder(""), made("a", { type: "hardlink", link: "b" }), made("b")]],
    ["a hard link to itself", [folder(""), made("a", { type: "hardlink", link: "a" })]],
  ])("refuses %s", (_, entries) => {
    expect(() => passAll(entries)).toThrow(expect.objectContaining({ code: "integrity" }));
  });

  it("lets every tree pass, and says when each folder ends", () => {
    fc.assert(
      fc.property(fc.array(pathOf, { maxLength: 20 }), (paths) => {
        const folders = new Set([""]);
        for (const path of paths) for (let at = parentPath(path); at !== ""; at = parentPath(at)) folders.add(at);
        const all = [...new Set([...folders, ...paths])].sort(comparePaths);
        const guard = new EntryGuard();
        const ended = all.flatMap((path) => guard.pass(folders.has(path) ? folder(path) : made(path)));
        expect([...ended, ...guard.end()].sort()).toEqual([...folders].sort());
      }),
    );
  });
});

describe("records of entries", () => {
  const write = (paths: string[]) => {
    const writer = new EntriesWriter();
    const records = paths.map((path) => writer.add(made(path, { sizeBytes: 10 }))).filter((record) => record !== null);
    const last = writer.flush();
    return last ? [...records, last] : records;
  };
  const paths = Array.from({ length: 20_000 }, (_, i) => `folder/file-${String(i).padStart(6, "0")}`);

  it("hold all entries in order, each record with its place in the payload", () => {
    const records = write(paths);
    expect(records.length).toBeGreaterThan(5);
    let offset = 0;
    const read = records.flatMap((record) => {
      expect(record.payloadOffset).toBe(offset);
      expect(record.plain.length).toBeLessThanOrEqual(1024 * 1024);
      const entries = decodeEntries(record.plain);
      offset += 10 * entries.length;
      return entries.map((entry) => entry.path);
    });
    expect(read).toEqual(paths);
  });

  it("keep their borders when an entry comes", () => {
    const before = new Set(write(paths).map((record) => record.plain.toString()));
    const after = write([...paths.slice(0, 9000), "folder/file-008999-new", ...paths.slice(9000)]);
    expect(after.filter((record) => !before.has(record.plain.toString())).length).toBeLessThanOrEqual(2);
  });
});
