import { createReadStream, lstatSync, readdirSync, readlinkSync } from "node:fs";

const CHUNK_BYTES = 1024 * 1024;
const SLASH = Buffer.from("/");

/** Compares the bytes of two disk images; a raw image has no name, mode or time of its own. Same result as compareTrees. */
export async function compareImages(left, right) {
  const bytes = Number(stat(left).size);
  const same = bytes === Number(stat(right)?.size) && (await sameBytes(left, right));
  return { files: 1, bytes, differences: same ? [] : [`${left} has other bytes`] };
}

/**
 * Compares two trees, or two files: bytes, names (odd ones too), modes, owners, mtimes, links, hard links.
 * Returns { files, bytes, differences: string[] }; at most 20 differences are kept.
 */
export async function compareTrees(left, right) {
  const result = { files: 0, bytes: 0, differences: [] };
  const links = new Map();
  await compareEntry(Buffer.from(left), Buffer.from(right), result, links);
  return result;
}

async function compareEntry(left, right, result, links) {
  const a = stat(left);
  const b = stat(right);
  const differ = (what) => {
    if (result.differences.length < 20) result.differences.push(`${left.toString()}: ${what}`);
  };
  if (!a || !b) return differ(a ? "is missing in the restored tree" : "is not in the captured tree");
  if (kindOf(a) !== kindOf(b)) return differ(`is a ${kindOf(a)} here and a ${kindOf(b)} there`);
  // Sockets are not captured; a restored tree cannot hold them.
  result.files += 1;
  if (!a.isSymbolicLink() && a.mode !== b.mode) differ(`mode ${a.mode.toString(8)} became ${b.mode.toString(8)}`);
  if (a.uid !== b.uid || a.gid !== b.gid) differ("has another owner");
  if (microseconds(a) !== microseconds(b)) differ(`mtime ${a.mtimeNs} became ${b.mtimeNs}`);
  if (a.isSymbolicLink()) {
    if (!readlinkSync(left, "buffer").equals(readlinkSync(right, "buffer"))) differ("points elsewhere");
  } else if (a.isDirectory()) {
    await compareFolder(left, right, result, links, differ);
  } else if (a.isFile()) {
    if (!sameHardLink(a, b, links)) differ("is linked to other names");
    if (a.size !== b.size) differ(`has ${a.size} bytes here and ${b.size} there`);
    else if (!(await sameBytes(left, right))) differ("has other bytes");
    result.bytes += Number(a.size);
  }
}

async function compareFolder(left, right, result, links, differ) {
  const names = (folder) =>
    readdirSync(folder, "buffer")
      .filter((name) => !isSocket(join(folder, name)))
      .map((name) => name.toString("latin1"));
  const here = new Set(names(left));
  const there = new Set(names(right));
  for (const name of there) if (!here.has(name)) differ(`has no entry ${name}, the restored folder has`);
  for (const name of here) {
    const bytes = Buffer.from(name, "latin1");
    await compareEntry(join(left, bytes), join(right, bytes), result, links);
  }
}

const join = (folder, name) => Buffer.concat([folder, SLASH, name]);
const stat = (path) => lstatSync(path, { bigint: true, throwIfNoEntry: false });
const isSocket = (path) => stat(path)?.isSocket() ?? false;
// Node sets times through a double: microseconds is what arrives whole.
const microseconds = (entry) => entry.mtimeNs / 1000n;

function kindOf(entry) {
  if (entry.isDirectory()) return "folder";
  if (entry.isSymbolicLink()) return "link";
  return entry.isFile() ? "file" : "special file";
}

function sameHardLink(a, b, links) {
  if (a.nlink < 2n) return true;
  const key = `${a.dev}:${a.ino}`;
  const twin = links.get(key);
  if (twin === undefined) links.set(key, b.ino);
  return twin === undefined || twin === b.ino;
}

async function sameBytes(left, right) {
  const other = createReadStream(right, { highWaterMark: CHUNK_BYTES })[Symbol.asyncIterator]();
  let rest = Buffer.alloc(0);
  for await (let chunk of createReadStream(left, { highWaterMark: CHUNK_BYTES })) {
    while (chunk.length > 0) {
      if (rest.length === 0) {
        const next = await other.next();
        if (next.done) return false;
        rest = next.value;
      }
      const length = Math.min(chunk.length, rest.length);
      if (!chunk.subarray(0, length).equals(rest.subarray(0, length))) return false;
      chunk = chunk.subarray(length);
      rest = rest.subarray(length);
    }
  }
  return rest.length === 0 && (await other.next()).done === true;
}
