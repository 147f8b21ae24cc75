import { spawnSync } from "node:child_process";
import {
  accessSync,
  appendFileSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  statfsSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import path from "node:path";

const NEVER = new Set([".twincore"]);

/** Throws one clear line when the path cannot be captured. Returns "folder" or "image". */
export function kindOfPath(from) {
  if (!existsSync(from)) throw new Error(`${from} does not exist; name a folder or a disk image that does`);
  try {
    accessSync(from, constants.R_OK);
  } catch {
    throw new Error(`${from} cannot be read by this user; choose another path or run as its owner`);
  }
  const stat = statSync(from);
  if (stat.isDirectory()) return "folder";
  if (stat.isFile()) return "image";
  throw new Error(`${from} is neither a folder nor a file; name a folder or a disk image`);
}

/**
 * Brings the demo's own copy of `from` up to date, so that changing files later never touches the original.
 * Returns the copy's path. Uses cp, which keeps modes, times, links and holes and shares blocks where the file system can.
 */
export function copyForDemo(from, to, kind) {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  const target = path.join(to, kind === "image" ? "disk.img" : "files");
  assertSpace(from, to);
  if (kind === "image") {
    run("cp", ["-au", "--sparse=auto", "--reflink=auto", "--", from, target], from);
    return target;
  }
  mkdirSync(target, { recursive: true });
  const entries = readdirSync(from, "buffer").filter((name) => !NEVER.has(name.toString()));
  // Names come as bytes; a shell argument list holds them too, in portions well below its limit.
  for (let i = 0; i < entries.length; i += 500) {
    const names = entries.slice(i, i + 500).map((name) => Buffer.concat([Buffer.from("./"), name]));
    run(
      "xargs",
      ["-0", "cp", "-au", "--reflink=auto", "-t", target, "--"],
      from,
      Buffer.concat(names.flatMap((name) => [name, Buffer.from([0])])),
    );
  }
  return target;
}

function run(command, args, from, input) {
  const cwd = statSync(from).isDirectory() ? from : path.dirname(from);
  const result = spawnSync(command, args, {
    cwd,
    input,
    stdio: ["pipe", "ignore", "pipe"],
    maxBuffer: 16 * 1024 * 1024,
  });
  if (result.error) throw new Error(`cannot copy ${from}: ${result.error.message}`);
  const complaint = result.stderr.toString().trim().split("\n")[0];
  // cp leaves out what it may not read and goes on; the demo works with what could be read.
  if (result.status !== 0) console.log(`  some of ${from} could not be copied: ${complaint}`);
}

function assertSpace(from, to) {
  const used = spawnSync("du", ["-s", "-B1", "--", from], { maxBuffer: 1024 * 1024 })
    .stdout?.toString()
    .split("\t")[0];
  const { bavail, bsize } = statfsSync(to);
  // The copy, two repositories and the restored tree.
  const wanted = Number(used) * 4;
  if (Number.isFinite(wanted) && wanted > bavail * bsize)
    throw new Error(
      `the demo of ${from} takes about ${Math.ceil(wanted / 2 ** 30)} GiB below ${to}; ${Math.floor((bavail * bsize) / 2 ** 30)} GiB are free`,
    );
}

/** Changes a few files of the demo's copy: one grows, one is new, one block of an image is rewritten. Returns what was done. */
export function changeFiles(target, kind, round) {
  if (kind === "image") return changeBlocks(target, round);
  const folder = path.join(target, "changed-by-the-demo");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `new-${round}.txt`), `written in round ${round}\n`.repeat(2_000));
  appendFileSync(path.join(folder, "journal.txt"), `round ${round}\n`);
  return "a new file of 40 KiB, and one line more in another";
}

function changeBlocks(target, round) {
  const size = statSync(target).size;
  const file = openSync(target, "r+");
  for (let i = 1; i <= 4; i++)
    writeSync(file, Buffer.alloc(4096, 1 + ((round + i) % 250)), 0, 4096, Math.floor((size * i) / 5 / 4096) * 4096);
  closeSync(file);
  return "four blocks of 4 KiB, spread over the image";
}
