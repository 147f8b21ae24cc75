import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFileStorage } from "@/lib/storage/fs";
import { storageSuite } from "@/tests/storage-suite";

storageSuite("the file storage", async () => {
  const root = mkdtempSync(path.join(tmpdir(), "twincore-fs-"));
  return {
    storage: openFileStorage(root),
    reopen: () => openFileStorage(root),
    close: async () => rmSync(root, { recursive: true, force: true }),
  };
});

describe("the file storage", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "twincore-fs-"));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const code = (work: Promise<unknown>) =>
    work.then(
      () => "no error",
      (error) => error.code,
    );
  const unfinished = () => readdirSync(path.join(root, "tmp"));

  it("makes files and folders that only their owner can read", async () => {
    await openFileStorage(root).put("t/a/doc.json", Buffer.from("x"));
    expect(statSync(path.join(root, "t/a/doc.json")).mode & 0o777).toBe(0o600);
    expect(statSync(path.join(root, "t")).mode & 0o777).toBe(0o700);
    expect(statSync(path.join(root, "tmp")).mode & 0o777).toBe(0o700);
  });

  it("leaves no temporary file after put, commit, conflict and abort", async () => {
    const storage = openFileStorage(root);
    await storage.put("a", Buffer.from("x"));
    for (const end of ["commit", "conflict", "abort"]) {
      const writer = await storage.create("b");
      await writer.write(Buffer.from("y"));
      if (end === "abort") await writer.abort();
      else if (end === "commit") await writer.commit();
      else expect(await code(writer.commit())).toBe("conflict");
      await writer.abort();
    }
    expect(unfinished()).toEqual([]);
  });

  it("removes unfinished writes of dead processes when they are a day old, and nothing else", async () => {
    mkdirSync(path.join(root, "tmp"));
    const old = new Date(Date.now() - 25 * 60 * 60 * 1000);
    const write = (name: string, at?: Date) => {
      writeFileSync(path.join(root, "tmp", name), "x");
      if (at) utimesSync(path.join(root, "tmp", name), at, at);
    };
    write("123-0a1b2c3d-5f6e", old);
    write("456-0a1b2c3d-5f6e");
    write("notes.txt", old);
    await openFileStorage(root).put("a", Buffer.from("x"));
    expect(unfinished().sort()).toEqual(["456-0a1b2c3d-5f6e", "notes.txt"]);
  });

  it("does not follow a symbolic link, whether it stands for an object or for a folder", async () => {
    const outside = mkdtempSync(path.join(tmpdir(), "twincore-outside-"));
    try {
      writeFileSync(path.join(outside, "secret"), "secret");
      symlinkSync(path.join(outside, "secret"), path.join(root, "link"));
      symlinkSync(outside, path.join(root, "folder"));
      const storage = openFileStorage(root);
      expect(await code(storage.read("link", 0, 6))).toBe("integrity");
      expect(await code(storage.read("folder/secret", 0, 6))).toBe("integrity");
      expect(await code(storage.put("folder/new", Buffer.from("x")))).toBe("integrity");
      await storage.delete("link");
      expect(readdirSync(outside)).toEqual(["secret"]);
      const listed: string[] = [];
      for await (const { key } of storage.list("")) listed.push(key);
      expect(listed).toEqual([]);
    } finally {
      rmSync(outside, { recursive: true, force: true });
    }
  });

  it("answers unavailable, not not_found, when its folder is gone", async () => {
    const storage = openFileStorage(path.join(root, "not-mounted"));
    expect(await code(storage.read("a", 0, 1))).toBe("unavailable");
    expect(await code(storage.size("a"))).toBe("unavailable");
    expect(await code(storage.put("a", Buffer.from("x")))).toBe("unavailable");
    expect(await code(storage.delete("a"))).toBe("unavailable");
  });

  it("refuses to finish a write when another folder has taken the place of its own, as an unmounted disk does", async () => {
    const place = path.join(root, "mount");
    mkdirSync(place);
    const storage = openFileStorage(place);
    const writer = await storage.create("pack");
    await writer.write(Buffer.from("x"));
    renameSync(place, path.join(root, "elsewhere"));
    mkdirSync(place);
    expect(await code(writer.commit())).toBe("unavailable");
    expect(await code(storage.size("pack"))).toBe("unavailable");
    await writer.abort();
    expect(readdirSync(place)).toEqual([]);
  });

  const mayMount = process.platform === "linux" && process.getuid?.() === 0;
  it.runIf(mayMount)(
    "answers storage_full on a full disk, leaves no temporary file, and works again when there is space",
    async () => {
      const place = path.join(root, "small");
      mkdirSync(place);
      try {
        execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", place], { stdio: "ignore" });
      } catch {
        return; // A container may be root and still not allowed to mount.
      }
      try {
        const storage = openFileStorage(place);
        await storage.put("first", Buffer.alloc(1_000_000));
        const writer = await storage.create("second");
        expect(await code(writer.write(Buffer.alloc(3_000_000)))).toBe("storage_full");
        await writer.abort();
        expect(await code(storage.put("third", Buffer.alloc(3_000_000)))).toBe("storage_full");
        expect(readdirSync(path.join(place, "tmp"))).toEqual([]);
        await storage.delete("first");
        await storage.put("fourth", Buffer.alloc(1_500_000));
        expect(await storage.size("fourth")).toBe(1_500_000);
      } finally {
        execFileSync("umount", [place], { stdio: "ignore" });
      }
    },
  );
});
