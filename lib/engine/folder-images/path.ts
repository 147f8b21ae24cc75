import { isUtf8 } from "node:buffer";
import { integrity } from "@/lib/errors";

/**
 * The bytes of a path inside an image, as a string with one character per byte ("latin1"), components joined by "/".
 * "" is the root. File names are bytes, not text; in this form they keep every byte, compare by bytes with `<`, and cost
 * half of what a Buffer costs.
 */
export type BytePath = string;

/** Longer paths cannot come from a system call; it bounds what a hostile image makes us hold. */
export const PATH_BYTES_MAX = 16 * 1024;

const NON_ASCII = /[^\x00-\x7f]/;
const SLASH = 47;

/** The order of entries: byte by byte, as if "/" sorted below every other byte, so that a folder's content follows it at once. */
export function comparePaths(a: BytePath, b: BytePath): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left === right) continue;
    if (left === SLASH) return -1;
    return right === SLASH ? 1 : left - right;
  }
  return a.length - b.length;
}

/** Is `path` inside `folder`, at any depth? */
export function isInside(path: BytePath, folder: BytePath): boolean {
  if (folder === "") return path !== "";
  return path.length > folder.length && path.charCodeAt(folder.length) === SLASH && path.startsWith(folder);
}

export const joinPath = (folder: BytePath, name: BytePath): BytePath => (folder === "" ? name : `${folder}/${name}`);

export function parentPath(path: BytePath): BytePath {
  const at = path.lastIndexOf("/");
  return at < 0 ? "" : path.slice(0, at);
}

export const baseName = (path: BytePath): BytePath => path.slice(path.lastIndexOf("/") + 1);

/** A path for system calls. ASCII stays a string, which is quicker; other bytes would be changed by it. */
export function toSystemPath(path: string): string | Buffer {
  return NON_ASCII.test(path) ? Buffer.from(path, "latin1") : path;
}

/** The bytes of a path that came from a person or the database. */
export const fromText = (text: string): BytePath =>
  NON_ASCII.test(text) ? Buffer.from(text, "utf8").toString("latin1") : text;

/** The path as text, or null when its bytes are not UTF-8. */
export function toExactText(path: BytePath): string | null {
  if (!NON_ASCII.test(path)) return path;
  const bytes = Buffer.from(path, "latin1");
  return isUtf8(bytes) ? bytes.toString("utf8") : null;
}

/** The path for people: bytes that are not UTF-8 become replacement characters. */
export const toText = (path: BytePath): string =>
  NON_ASCII.test(path) ? Buffer.from(path, "latin1").toString("utf8") : path;

/**
 * A path that no image may make us leave its place by: relative, no empty, "." or ".." component, no NUL.
 * Throws `integrity`; "" (the root) is fine.
 */
export function assertSafePath(path: BytePath): void {
  if (path === "") return;
  const unsafe =
    path.length > PATH_BYTES_MAX || path.includes("\0") || path.split("/").some((part) => UNSAFE_PARTS.has(part));
  if (unsafe) throw integrity(`The image holds a path that leads out of it or that no file can have: ${toText(path)}`);
}

const UNSAFE_PARTS = new Set(["", ".", ".."]);

/** 32 bits that depend on the path alone, the same on every core: the borders of groups and of entry records come from it. */
export function pathHash(path: BytePath): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < path.length; i++) hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193);
  // FNV alone leaves the low bits of similar names alike.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
