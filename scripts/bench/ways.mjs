// The two ways that a changed disk image may go, on equal changes between the same two cores: all keys offered, or only those of changed blocks.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { linkSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";
import { settle } from "./commands.mjs";
import { randomNumbers, shuffle } from "./random.mjs";

const RECORD_BYTES = 1024 * 1024;
const WRITTEN_BYTES = 4096;
const ORDER = ["negotiated", "direct", "direct", "negotiated"];

/**
 * Changes as many records of the disk as the 1 % did, and replicates that by each way, twice in turn. `restart(mode)` starts the source anew
 * with that way forced; `capture()` and `replicated(point)` are those of the round. Returns rows { mode, seconds, wireBytes, storedBytes,
 * records, keys }.
 */
export async function measureWays({ folder, disk, dataset, restart, capture, replicated }) {
  const image = path.join(folder, "ways.img");
  const copied = spawnSync("cp", ["--sparse=always", "--reflink=auto", "--", dataset.after, image], {
    encoding: "utf8",
  });
  if (copied.status !== 0)
    throw new Error(`cannot copy ${dataset.after}: ${copied.error?.message ?? copied.stderr.trim()}`);
  rmSync(disk, { force: true });
  linkSync(image, disk);
  const blocks = Math.ceil(dataset.sizeBytes / RECORD_BYTES);
  const rows = [];
  try {
    for (const [turn, mode] of ORDER.entries()) {
      await changeRecords(image, blocks, dataset.touchedRecords, turn);
      await restart(mode);
      const { storedBytes, point } = await capture();
      settle();
      const run = await replicated(point);
      if (run.mode !== mode) throw new Error(`the run went ${run.mode}, not ${mode} as it was told`);
      const keys = mode === "direct" ? dataset.touchedRecords : blocks;
      rows.push({ mode, seconds: run.seconds, wireBytes: run.wireBytes, storedBytes, records: run.recordsNew, keys });
    }
  } finally {
    rmSync(image, { force: true });
  }
  return rows;
}

/** Writes 4 KiB into so many records, others each turn: the same ones for the same size and turn. */
async function changeRecords(file, blocks, count, turn) {
  const random = randomNumbers(7_000 + turn);
  const chosen = shuffle(
    Array.from({ length: blocks }, (_, at) => at),
    random,
  ).slice(0, count);
  const image = await open(file, "r+");
  try {
    for (const at of chosen) {
      const bytes = createHash("shake256", { outputLength: WRITTEN_BYTES }).update(`${turn} ${at}`).digest();
      await image.write(bytes, 0, WRITTEN_BYTES, at * RECORD_BYTES);
    }
  } finally {
    await image.close();
  }
}
