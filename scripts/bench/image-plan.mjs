import { createHash } from "node:crypto";
import { accessSync, constants, lstatSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { randomNumbers, shuffle } from "./random.mjs";

export const BLOCK_BYTES = 4096;
/** As in ext4: a group of blocks begins with its tables. */
const GROUP_BYTES = 128 * 1024 * 1024;
const INODE_BYTES = 256;
const POOL_BYTES = 32 * 1024 * 1024;
const REPEATS_MAX = 64;

/**
 * Where each file of `from` goes in an image. Pure but for looking at the files. Returns { files, additions: [{ path, sizeBytes, at,
 * repeat }], tables: [{ at, bytes }], pool(), filledBytes, digest }; additions lie in space that no file takes.
 */
export function planImage({ from, sizeBytes, seed, filled }) {
  const random = randomNumbers(seed);
  const found = shuffle(filesBelow(from), random);
  if (found.length === 0) throw new Error(`${from} holds no file that can be read; name another folder with --from`);
  const digest = createHash("sha256").update(JSON.stringify(found)).digest("hex");
  const supply = repeatedly(found, sizeBytes / 8);
  const plan = { files: [], additions: [], tables: [], filledBytes: 0, digest };
  for (let start = 0; start < sizeBytes; start += GROUP_BYTES)
    fillGroup(plan, supply, start, Math.min(GROUP_BYTES, sizeBytes - start), filled, random);
  plan.pool = () => readPool(supply);
  return plan;
}

function fillGroup(plan, supply, start, lengthBytes, filled, random) {
  const tableBytes = Math.ceil(lengthBytes / 64 / BLOCK_BYTES) * BLOCK_BYTES;
  const until = start + lengthBytes * filled;
  const placed = [];
  let at = start + tableBytes;
  while (at < until) {
    const file = supply.next(start + lengthBytes - at);
    if (!file) break;
    placed.push({ ...file, at });
    at += blocksOf(file.sizeBytes);
    // Now and then a gap, as deleted files leave them.
    if (random.below(64) === 0) at += random.logarithmic(32) * BLOCK_BYTES;
  }
  plan.files.push(...placed);
  plan.tables.push({ at: start, bytes: inodeTable(placed, tableBytes) });
  plan.filledBytes += tableBytes + placed.reduce((sum, file) => sum + blocksOf(file.sizeBytes), 0);
  const added = supply.next(Math.min(2 * 1024 * 1024, start + lengthBytes - at));
  if (added) plan.additions.push({ ...added, at });
}

const blocksOf = (sizeBytes) => Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;

/** Fixed-size entries with small counters and places: the kind of bytes that the tables of a file system hold. */
function inodeTable(placed, tableBytes) {
  const table = Buffer.alloc(tableBytes);
  for (const [i, file] of placed.slice(0, tableBytes / INODE_BYTES).entries()) {
    table.writeUInt32LE(0x81a4, i * INODE_BYTES);
    table.writeUInt32LE(file.sizeBytes, i * INODE_BYTES + 4);
    table.writeUInt32LE(1_700_000_000, i * INODE_BYTES + 8);
    table.writeUInt32LE(file.at / BLOCK_BYTES, i * INODE_BYTES + 60);
  }
  return table;
}

/** Files one after the other; when they run out they come again, marked, so that their blocks are put in another order. */
function repeatedly(found, sizeBytesMax) {
  let index = 0;
  let repeat = 0;
  return {
    next(roomBytes) {
      for (let tries = 0; tries < found.length; tries++) {
        if (index === found.length) {
          index = 0;
          repeat += 1;
          if (repeat > REPEATS_MAX)
            throw new Error("too few bytes below the folder of files; name a larger one with --from");
        }
        const file = found[index++];
        if (blocksOf(file.sizeBytes) <= Math.min(roomBytes, sizeBytesMax)) return { ...file, repeat };
      }
      return null;
    },
  };
}

/** Bytes of files that come next: real content for rewritten runs. */
function readPool(supply) {
  const parts = [];
  for (let length = 0; length < POOL_BYTES; ) {
    const file = supply.next(POOL_BYTES);
    const bytes = readFileSync(file.path);
    parts.push(bytes);
    length += bytes.length;
  }
  return Buffer.concat(parts);
}

function filesBelow(folder) {
  const files = [];
  const walk = (at) => {
    for (const entry of entriesOf(at)) {
      const name = path.join(at, entry.name);
      if (entry.isDirectory()) walk(name);
      else if (entry.isFile()) take(name, files);
    }
  };
  walk(path.resolve(folder));
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function entriesOf(folder) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function take(name, files) {
  try {
    accessSync(name, constants.R_OK);
    const { size } = lstatSync(name);
    if (size > 0) files.push({ path: name, sizeBytes: size });
  } catch {
    // A file that may not be read, or is gone meanwhile, is not part of the image.
  }
}
