import { integrity } from "@/lib/errors";
import { assertSafePath, type BytePath, fromText, PATH_BYTES_MAX, toExactText } from "./path";

/**
 * One line of an entries stream. On disk it is a JSON object and a line feed:
 *
 *   path | path64   path inside the image, as text, or base64 when its bytes are not UTF-8; "" = the root, which comes first
 *   type            "file" "folder" "link" "hardlink" "fifo" "char" "block"
 *   mode            permission bits, decimal (07777)
 *   uid, gid        numbers of the owner and group
 *   mtime, ctime    nanoseconds since 1970, decimal string (JSON numbers would lose the last digits)
 *   inode           decimal string
 *   device          decimal string; only when it is not the root's
 *   size            files: bytes of content, which lie in the payload in the order of entries
 *   sparse          files: true when the source had holes; zero blocks are then restored as holes
 *   target|target64 links: where they point
 *   link | link64   hardlinks: path of the file that they are another name of, which comes before
 *   number          char and block: device number as stat says
 */
export interface Entry {
  path: BytePath;
  type: EntryType;
  mode: number;
  uid: number;
  gid: number;
  mtimeNs: bigint;
  ctimeNs: bigint;
  inode: bigint;
  device?: bigint;
  sizeBytes: number;
  sparse?: boolean;
  /** Bytes as in `path`. */
  target?: string;
  link?: BytePath;
  number?: bigint;
}

const ENTRY_TYPES = ["file", "folder", "link", "hardlink", "fifo", "char", "block"] as const;
export type EntryType = (typeof ENTRY_TYPES)[number];
const TYPES: ReadonlySet<string> = new Set(ENTRY_TYPES);

/** The line of an entry, with its line feed. Equal entries have equal lines. */
export function encodeEntry(entry: Entry): string {
  let line = `{${named("path", entry.path)},"type":"${entry.type}","mode":${entry.mode},"uid":${entry.uid},"gid":${entry.gid},"mtime":"${entry.mtimeNs}","ctime":"${entry.ctimeNs}","inode":"${entry.inode}"`;
  if (entry.device !== undefined) line += `,"device":"${entry.device}"`;
  if (entry.type === "file") line += `,"size":${entry.sizeBytes}`;
  if (entry.sparse) line += `,"sparse":true`;
  if (entry.target !== undefined) line += `,${named("target", entry.target)}`;
  if (entry.link !== undefined) line += `,${named("link", entry.link)}`;
  if (entry.number !== undefined) line += `,"number":"${entry.number}"`;
  return `${line}}\n`;
}

function named(name: string, bytes: string): string {
  const text = toExactText(bytes);
  return text === null
    ? `"${name}64":"${Buffer.from(bytes, "latin1").toString("base64")}"`
    : `"${name}":${JSON.stringify(text)}`;
}

/** The entries of one record of an entries stream. Throws `integrity` for anything that no capture writes. */
export const decodeEntries = (plain: Buffer): Entry[] => splitEntries(plain).map(decodeEntry);

/** The lines of one record, not looked at yet. Throws `integrity` when it does not end with one. */
export function splitEntries(plain: Buffer): string[] {
  const lines = plain.toString("utf8").split("\n");
  if (lines.pop() !== "" || lines.length === 0) throw integrity("A record of folder entries is cut off.");
  return lines;
}

type Fields = Record<string, unknown>;

/** By hand, because a schema library takes many seconds for a million lines. */
export function decodeEntry(line: string): Entry {
  const fields = parse(line);
  const { type, sparse } = fields;
  const entry: Entry = {
    path: bytesOf(fields, "path"),
    type: isEntryType(type) ? type : damaged("type"),
    mode: integer(fields, "mode", 0o7777),
    uid: integer(fields, "uid", 0xffff_ffff),
    gid: integer(fields, "gid", 0xffff_ffff),
    mtimeNs: decimal(fields, "mtime"),
    ctimeNs: decimal(fields, "ctime"),
    inode: decimal(fields, "inode"),
    sizeBytes: type === "file" ? integer(fields, "size", Number.MAX_SAFE_INTEGER) : 0,
  };
  assertSafePath(entry.path);
  if (fields.device !== undefined) entry.device = decimal(fields, "device");
  if (sparse === true) entry.sparse = true;
  if (type === "link") entry.target = linkTarget(fields);
  if (type === "hardlink") {
    entry.link = bytesOf(fields, "link");
    assertSafePath(entry.link);
  }
  if (type === "char" || type === "block") entry.number = decimal(fields, "number");
  if (entry.path === "" && type !== "folder") damaged("root");
  return entry;
}

function parse(line: string): Fields {
  try {
    const value: unknown = JSON.parse(line);
    // An object that is no array has string keys; each is checked before use.
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  } catch (error) {
    throw integrity("A folder entry is no JSON.", error);
  }
  return damaged("line");
}

const isEntryType = (value: unknown): value is EntryType => typeof value === "string" && TYPES.has(value);

function bytesOf(fields: Fields, name: string): string {
  const text = fields[name];
  if (typeof text === "string" && text.length <= PATH_BYTES_MAX) return fromText(text);
  const base64 = fields[`${name}64`];
  if (typeof base64 !== "string" || base64.length > 2 * PATH_BYTES_MAX) return damaged(name);
  return Buffer.from(base64, "base64").toString("latin1");
}

function linkTarget(fields: Fields): string {
  const target = bytesOf(fields, "target");
  return target === "" || target.includes("\0") ? damaged("target") : target;
}

function integer(fields: Fields, name: string, max: number): number {
  const value = fields[name];
  const fits = typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= max;
  return fits ? value : damaged(name);
}

const DECIMAL = /^-?\d{1,20}$/;

function decimal(fields: Fields, name: string): bigint {
  const value = fields[name];
  return typeof value === "string" && DECIMAL.test(value) ? BigInt(value) : damaged(name);
}

function damaged(what: string): never {
  throw integrity(`A folder entry of the image is damaged (${what}).`);
}
