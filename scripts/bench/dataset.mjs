// A disk image of real files and the same image after about 1 % of it changed: the same bytes for the same files, size and seed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import path from "node:path";
import { BLOCK_BYTES, planImage } from "./image-plan.mjs";
import { randomNumbers } from "./random.mjs";

/** Raised when the layout changes, so that no cached image of an older one is used. */
const LAYOUT = 1;
const FILLED = 0.7;
const RECORD_BYTES = 1024 * 1024;
const HASH_BYTES = 8 * 1024 * 1024;
const PORTION_BYTES = 4 * 1024 * 1024;

/**
 * Makes (or finds) <folder>/before.img and <folder>/after.img. Returns { before, after, sizeBytes, filledBytes, changedBytes,
 * touchedRecords, beforeSha256, afterSha256 }; touchedRecords counts the aligned 1 MiB pieces that differ.
 */
export async function prepareDataset({ folder, sizeBytes, from, seed }) {
  mkdirSync(folder, { recursive: true });
  const plan = planImage({ from, sizeBytes, seed, filled: FILLED });
  const key = createHash("sha256")
    .update(JSON.stringify([LAYOUT, sizeBytes, seed, plan.digest]))
    .digest("hex");
  const stamp = path.join(folder, "dataset.json");
  const files = { before: path.join(folder, "before.img"), after: path.join(folder, "after.img") };
  const known = existsSync(stamp) ? JSON.parse(readFileSync(stamp, "utf8")) : {};
  if (known.key === key && existsSync(files.before) && existsSync(files.after)) return { ...known.facts, ...files };
  await writeImage(files.before, sizeBytes, plan);
  copySparse(files.before, files.after);
  const changedBytes = await changeOnePercent(files.after, plan, randomNumbers(seed + 1), Math.floor(sizeBytes / 100));
  const facts = { sizeBytes, filledBytes: plan.filledBytes, changedBytes, ...(await compareImages(files)) };
  writeFileSync(`${stamp}.new`, JSON.stringify({ key, facts }, null, 2));
  renameSync(`${stamp}.new`, stamp);
  return { ...facts, ...files };
}

async function writeImage(file, sizeBytes, plan) {
  const image = await open(file, "w");
  try {
    await image.truncate(sizeBytes);
    for (const placed of plan.files) await writeFileAt(image, placed);
    for (const table of plan.tables) await image.write(table.bytes, 0, table.bytes.length, table.at);
  } finally {
    await image.close();
  }
}

/** Copies one file to its place. The last block is padded with zeros, as file systems do. */
async function writeFileAt(image, { path: name, sizeBytes, at, repeat }) {
  const file = await open(name, "r");
  try {
    for (let done = 0; done < sizeBytes; ) {
      const want = Math.min(PORTION_BYTES, sizeBytes - done);
      const { bytesRead, buffer } = await file.read(Buffer.alloc(want), 0, want, done);
      if (bytesRead === 0) break;
      const portion = repeat === 0 ? buffer.subarray(0, bytesRead) : reordered(buffer.subarray(0, bytesRead), repeat);
      await image.write(portion, 0, portion.length, at + done);
      done += bytesRead;
    }
  } finally {
    await file.close();
  }
}

/** The same blocks in another order, so that a file used again compresses as before and deduplicates with nothing. */
function reordered(bytes, repeat) {
  const whole = Math.floor(bytes.length / BLOCK_BYTES);
  if (whole < 3) return bytes.map((value) => value ^ repeat);
  const out = Buffer.from(bytes);
  // 7,919 is prime: with any count of blocks that is no multiple of it, the steps visit every block once.
  for (let i = 0; i < whole; i++) {
    const from = (i * 7919 + repeat) % whole;
    bytes.copy(out, i * BLOCK_BYTES, from * BLOCK_BYTES, (from + 1) * BLOCK_BYTES);
  }
  return out;
}

function copySparse(from, to) {
  const result = spawnSync("cp", ["--sparse=always", "--reflink=auto", "--", from, to], { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`cannot copy ${from}: ${result.error?.message ?? result.stderr.trim()}`);
}

/** Two fifths of the change are new files in free space, the rest rewritten runs of 4 KiB to 512 KiB inside files. */
async function changeOnePercent(file, plan, random, budgetBytes) {
  const image = await open(file, "r+");
  let changed = 0;
  try {
    for (const placed of plan.additions) {
      if (changed >= budgetBytes * 0.4) break;
      await writeFileAt(image, placed);
      changed += Math.ceil(placed.sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
    }
    const pool = plan.pool();
    const targets = plan.files.filter((placed) => placed.sizeBytes >= 16 * BLOCK_BYTES);
    while (changed < budgetBytes) {
      const placed = targets[random.below(targets.length)];
      const blocks = Math.floor(placed.sizeBytes / BLOCK_BYTES);
      const run = Math.min(blocks, random.logarithmic(128), Math.ceil((budgetBytes - changed) / BLOCK_BYTES));
      const at = placed.at + random.below(blocks - run + 1) * BLOCK_BYTES;
      const from = random.below(pool.length - run * BLOCK_BYTES);
      await image.write(pool, from, run * BLOCK_BYTES, at);
      changed += run * BLOCK_BYTES;
    }
  } finally {
    await image.close();
  }
  return changed;
}

async function compareImages({ before, after }) {
  const [left, right] = [await open(before, "r"), await open(after, "r")];
  const [first, second] = [createHash("sha256"), createHash("sha256")];
  let touchedRecords = 0;
  try {
    for (let at = 0; ; at += HASH_BYTES) {
      const [a, b] = await Promise.all([readAt(left, at), readAt(right, at)]);
      if (a.length === 0) break;
      first.update(a);
      second.update(b);
      for (let i = 0; i < a.length; i += RECORD_BYTES)
        if (!a.subarray(i, i + RECORD_BYTES).equals(b.subarray(i, i + RECORD_BYTES))) touchedRecords += 1;
    }
  } finally {
    await Promise.all([left.close(), right.close()]);
  }
  return { beforeSha256: first.digest("hex"), afterSha256: second.digest("hex"), touchedRecords };
}

async function readAt(file, at) {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(HASH_BYTES), 0, HASH_BYTES, at);
  return buffer.subarray(0, bytesRead);
}
