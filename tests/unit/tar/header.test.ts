import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { Entry } from "@/lib/engine/folder-images";
import { encodeHeader, headerLength, headerOf, padded, paxBytes, paxTime } from "@/lib/engine/tar/header";

const folder = mkdtempSync(path.join(tmpdir(), "twincore-tar-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const entry: Entry = {
  path: "file",
  type: "file",
  mode: 0o644,
  uid: 0,
  gid: 0,
  mtimeNs: 1_700_000_000_000_000_000n,
  ctimeNs: 0n,
  inode: 1n,
  sizeBytes: 0,
};

describe("a tar header", () => {
  it("is one block when nothing in it needs more", () => {
    expect(encodeHeader(headerOf(entry, null)).length).toBe(512);
  });

  it("is as long as it says before it is made, whatever the entry", () => {
    const bytes = fc
      .array(
        fc.integer({ min: 1, max: 255 }).map((byte) => String.fromCharCode(byte)),
        { minLength: 1, maxLength: 400 },
      )
      .map((characters) => characters.join(""));
    fc.assert(
      fc.property(
        bytes,
        bytes,
        fc.bigInt({ min: -(10n ** 18n), max: 10n ** 19n }),
        fc.integer({ min: 0, max: 2 ** 40 }),
        fc.integer({ min: 0, max: 0xffff_ffff }),
        fc.constantFrom("file", "folder", "link", "hardlink", "fifo", "char"),
        (name, other, mtimeNs, sizeBytes, uid, type) => {
          const made = {
            ...entry,
            path: name,
            type,
            mtimeNs,
            uid,
            sizeBytes: type === "file" ? sizeBytes : 0,
          } as Entry;
          if (type === "link") made.target = other;
          if (type === "hardlink") made.link = other;
          const header = headerOf(made, null);
          const encoded = encodeHeader(header);
          expect(encoded.length).toBe(headerLength(header));
          expect(encoded.length % 512).toBe(0);
        },
      ),
    );
  });

  it("tells GNU tar sizes above 8 GiB and numbers above 2 million", () => {
    const sizeBytes = 9 * 1024 ** 3 + 5;
    const header = headerOf({ ...entry, sizeBytes, uid: 3_000_000_000 }, null);
    const file = path.join(folder, "large.tar");
    const encoded = encodeHeader(header);
    writeFileSync(file, encoded);
    truncateSync(file, encoded.length + padded(sizeBytes) + 1024);
    const listed = execFileSync("tar", ["--numeric-owner", "-tvf", file]).toString();
    expect(listed).toContain(`${sizeBytes}`);
    expect(listed).toContain("3000000000/0");
  });

  it("pax records count their own length", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 200 }), (value) => {
        const bytes = paxBytes([["key", value]]);
        expect(Number.parseInt(bytes.toString("latin1"), 10)).toBe(bytes.length);
      }),
    );
  });

  it.each([
    [0n, "0"],
    [1_500_000_000n, "1.5"],
    [1n, "0.000000001"],
    [-1n, "-0.000000001"],
    [-86_400_500_000_000n, "-86400.5"],
  ])("%d ns are %s s", (ns, text) => {
    expect(paxTime(ns)).toBe(text);
  });
});
