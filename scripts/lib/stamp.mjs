// Which set-up work is still valid: a stamp is the hash of everything a step reads.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

export const root = path.resolve(import.meta.dirname, "../..");

/** Hash over the names and contents of files and folders (relative to the root). What does not exist counts as such. */
export function hashOf(inputs, { skip = [], also = "" } = {}) {
  const hash = createHash("sha256").update(also);
  const skipped = new Set(skip);
  const add = (relative) => {
    if (skipped.has(relative)) return;
    const file = path.join(root, relative);
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat) hash.update(`${relative}\0absent\0`);
    else if (stat.isDirectory()) for (const name of readdirSync(file).sort()) add(`${relative}/${name}`);
    else if (stat.isFile()) hash.update(`${relative}\0${stat.size}\0`).update(readFileSync(file));
  };
  for (const input of inputs) add(input);
  return hash.digest("hex");
}

/** Was this step done for exactly this stamp? */
export function isStamped(file, stamp) {
  try {
    return readFileSync(path.join(root, file), "utf8") === stamp;
  } catch {
    return false;
  }
}

export function writeStamp(file, stamp) {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), stamp);
}

/** Before a step begins: if it is interrupted, the next start must not take its half result for whole. */
export function dropStamp(file) {
  rmSync(path.join(root, file), { force: true });
}
