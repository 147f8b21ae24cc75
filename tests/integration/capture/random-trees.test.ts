import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { openDownload } from "@/lib/engine/restore";
import { readTree } from "./tree";
import { World } from "./world";

const world = await World.start();

const name = fc
  .array(fc.constantFrom(0x61, 0x62, 0x2d, 0x2e, 0x20, 0xc3, 0xa4, 0xff, 0x0a, 0x5c, 0x22), {
    minLength: 1,
    maxLength: 3,
  })
  .map((bytes) => Buffer.from(bytes))
  .filter((bytes) => bytes.toString() !== "." && bytes.toString() !== "..");

/** What happens to a tree, step by step; what cannot happen (a name that is taken) does not. */
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("file" as const),
      name,
      at: fc.nat(),
      size: fc.constantFrom(0, 1, 100, 5000, 262_143, 262_144, 900_000),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("folder" as const), name, at: fc.nat() }) },
  fc.record({ kind: fc.constant("link" as const), name, at: fc.nat() }),
  fc.record({ kind: fc.constant("hardlink" as const), name, at: fc.nat(), of: fc.nat() }),
  fc.record({
    kind: fc.constant("sparse" as const),
    name,
    at: fc.nat(),
    hole: fc.constantFrom(4096, 70_000, 1_000_000),
  }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove" as const), of: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("change" as const), of: fc.nat(), size: fc.constantFrom(0, 10, 300_000) }),
  },
  fc.record({ kind: fc.constant("mode" as const), of: fc.nat(), mode: fc.constantFrom(0o600, 0o4755, 0o444) }),
  fc.record({
    kind: fc.constant("time" as const),
    of: fc.nat(),
    seconds: fc.integer({ min: -1_000_000_000, max: 2_000_000_000 }),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

class Tree {
  readonly folders: Buffer[];
  files: Buffer[] = [];

  constructor(root: string) {
    this.folders = [Buffer.from(root)];
  }

  apply(one: Step, salt: number): void {
    try {
      this.attempt(one, salt);
    } catch (error) {
      // Two steps may ask for one name, or for a file that is gone.
      if (!["EEXIST", "ENOENT", "EISDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }

  private attempt(one: Step, salt: number): void {
    const file = "of" in one ? this.files[one.of % (this.files.length || 1)] : undefined;
    const at = "at" in one ? this.place(one.at, one.name) : Buffer.alloc(0);
    if (one.kind === "folder") {
      fs.mkdirSync(at);
      this.folders.push(at);
    } else if (one.kind === "file") {
      fs.writeFileSync(at, contentOf(one.size, salt), { flag: "wx" });
      this.files.push(at);
    } else if (one.kind === "link") fs.symlinkSync(Buffer.concat([Buffer.from("to "), one.name]), at);
    else if (one.kind === "sparse") {
      fs.writeFileSync(at, "begin", { flag: "wx" });
      fs.truncateSync(at, one.hole);
      fs.appendFileSync(at, contentOf(300_000, salt));
      this.files.push(at);
    } else if (!file) return;
    else if (one.kind === "hardlink") {
      fs.linkSync(file, at);
      this.files.push(at);
    } else if (one.kind === "remove") fs.rmSync(file);
    else if (one.kind === "change") fs.writeFileSync(file, contentOf(one.size, salt));
    else if (one.kind === "mode") fs.chmodSync(file, one.mode);
    else fs.utimesSync(file, String(one.seconds), String(one.seconds));
  }

  private place(at: number, child: Buffer): Buffer {
    const folder = this.folders[at % this.folders.length] ?? Buffer.alloc(0);
    return Buffer.concat([folder, Buffer.from("/"), child]);
  }
}

const contentOf = (size: number, salt: number): Buffer => Buffer.alloc(size, `content ${salt} `);

it("any tree comes back the same, from a first capture and from each one that goes on from it", {
  timeout: 300_000,
}, async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { minLength: 1, maxLength: 25 }), { minLength: 1, maxLength: 3 }),
      async (rounds) => {
        const source = world.makeFolder(`tree-${++run}`);
        const agent = await world.folderAgent(`tree ${run}`, source);
        const tree = new Tree(source);
        for (const [round, steps] of rounds.entries()) {
          for (const [number, one] of steps.entries()) tree.apply(one, round * 100 + number);
          const point = await world.capture(agent.id);
          expect(point.skipped).toEqual([]);
          const restored = path.join(world.folder, `tree-${run}-${round}`);
          const task = await world.restore(point, restored);
          expect(task.failure).toBeNull();
          expect(readTree(restored)).toEqual(readTree(source));
          const download = await openDownload(world.ctx, {
            recoveryPointId: point.id,
            imageId: point.images[0]?.id ?? "",
          });
          let bytes = 0;
          for await (const piece of download.body) bytes += piece.length;
          expect(bytes).toBe(download.totalBytes);
          fs.rmSync(restored, { recursive: true, force: true });
        }
      },
    ),
    { numRuns: 15 },
  );
});
