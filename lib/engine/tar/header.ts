import type { Entry, EntryType } from "@/lib/engine/folder-images";
import { deviceNumbers } from "@/lib/engine/restore/device";
import { floorDivide } from "@/lib/engine/restore/times";

export const BLOCK_BYTES = 512;

const NAME_BYTES_MAX = 100;
const NUMBER_MAX = 0o7777777;
const SIZE_MAX = 0o77777777777;
const NS_PER_SECOND = 1_000_000_000n;

const FLAGS: Record<EntryType, string> = {
  file: "0",
  hardlink: "1",
  link: "2",
  char: "3",
  block: "4",
  folder: "5",
  fifo: "6",
};

/** What an entry needs beside the 1988 header: extended records (pax) and long names (GNU). */
export interface TarHeader {
  entry: Entry;
  /** Bytes, one character each. */
  name: string;
  linkName: string;
  /** Bytes that follow the header, without padding. */
  contentBytes: number;
  records: [key: string, value: string][];
}

/** A sparse file as its header must tell it. */
export interface SparseContent {
  /** Bytes of the map and of the parts that have data. */
  contentBytes: number;
}

export function headerOf(entry: Entry, sparse: SparseContent | null): TarHeader {
  const contentBytes = sparse?.contentBytes ?? entry.sizeBytes;
  return {
    entry,
    name: entry.path === "" ? "./" : `./${entry.path}${entry.type === "folder" ? "/" : ""}`,
    linkName: entry.type === "hardlink" ? `./${entry.link}` : (entry.target ?? ""),
    contentBytes,
    records: recordsOf(entry, contentBytes, sparse !== null),
  };
}

/** Bytes of everything before the content. */
export function headerLength(header: TarHeader): number {
  let length = BLOCK_BYTES;
  if (header.records.length > 0) length += BLOCK_BYTES + padded(paxBytes(header.records).length);
  if (header.name.length > NAME_BYTES_MAX) length += BLOCK_BYTES + padded(header.name.length + 1);
  if (header.linkName.length > NAME_BYTES_MAX) length += BLOCK_BYTES + padded(header.linkName.length + 1);
  return length;
}

export function encodeHeader(header: TarHeader): Buffer {
  const { entry, name, linkName, records } = header;
  const parts: Buffer[] = [];
  if (records.length > 0) parts.push(...special("x", "./PaxHeaders/entry", paxBytes(records)));
  if (linkName.length > NAME_BYTES_MAX) parts.push(...special("K", "././@LongLink", cString(linkName)));
  if (name.length > NAME_BYTES_MAX) parts.push(...special("L", "././@LongLink", cString(name)));
  parts.push(
    block({
      name,
      linkName,
      flag: FLAGS[entry.type],
      mode: entry.mode,
      uid: entry.uid,
      gid: entry.gid,
      sizeBytes: header.contentBytes,
      seconds: Number(floorDivide(entry.mtimeNs, NS_PER_SECOND)),
      device: entry.number,
    }),
  );
  return Buffer.concat(parts);
}

export const padded = (length: number): number => Math.ceil(length / BLOCK_BYTES) * BLOCK_BYTES;

function recordsOf(entry: Entry, contentBytes: number, sparse: boolean): [string, string][] {
  const records: [string, string][] = [];
  if (sparse)
    records.push(["GNU.sparse.major", "1"], ["GNU.sparse.minor", "0"], ["GNU.sparse.realsize", `${entry.sizeBytes}`]);
  if (contentBytes > SIZE_MAX) records.push(["size", `${contentBytes}`]);
  if (entry.uid > NUMBER_MAX) records.push(["uid", `${entry.uid}`]);
  if (entry.gid > NUMBER_MAX) records.push(["gid", `${entry.gid}`]);
  const seconds = floorDivide(entry.mtimeNs, NS_PER_SECOND);
  if (entry.mtimeNs % NS_PER_SECOND !== 0n || seconds < 0n || seconds > BigInt(SIZE_MAX))
    records.push(["mtime", paxTime(entry.mtimeNs)]);
  return records;
}

/** Decimal seconds. Before 1970 the sign is before the whole number, not before its floor. */
export function paxTime(ns: bigint): string {
  const size = ns < 0n ? -ns : ns;
  const fraction = (size % NS_PER_SECOND).toString().padStart(9, "0").replace(/0+$/, "");
  return `${ns < 0n ? "-" : ""}${size / NS_PER_SECOND}${fraction === "" ? "" : `.${fraction}`}`;
}

/** "25 mtime=1700000000.123\n": the length counts its own digits. */
export function paxBytes(records: readonly [string, string][]): Buffer {
  const lines = records.map(([key, value]) => {
    const rest = ` ${key}=${value}\n`;
    let length = rest.length + 1;
    while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
    return `${length}${rest}`;
  });
  return Buffer.from(lines.join(""), "latin1");
}

const cString = (bytes: string): Buffer => Buffer.from(`${bytes}\0`, "latin1");

function special(flag: string, name: string, content: Buffer): Buffer[] {
  const header = block({
    name,
    linkName: "",
    flag,
    mode: 0o644,
    uid: 0,
    gid: 0,
    sizeBytes: content.length,
    seconds: 0,
  });
  return [header, content, Buffer.alloc(padded(content.length) - content.length)];
}

interface HeaderFields {
  name: string;
  linkName: string;
  flag: string;
  mode: number;
  uid: number;
  gid: number;
  sizeBytes: number;
  seconds: number;
  device?: bigint;
}

function block(fields: HeaderFields): Buffer {
  const bytes = Buffer.alloc(BLOCK_BYTES);
  bytes.write(fields.name.slice(0, NAME_BYTES_MAX), 0, "latin1");
  octal(bytes, 100, 8, fields.mode);
  octal(bytes, 108, 8, Math.min(fields.uid, NUMBER_MAX));
  octal(bytes, 116, 8, Math.min(fields.gid, NUMBER_MAX));
  octal(bytes, 124, 12, Math.min(fields.sizeBytes, SIZE_MAX));
  octal(bytes, 136, 12, Math.max(0, Math.min(fields.seconds, SIZE_MAX)));
  bytes.write("        ", 148, "latin1");
  bytes.write(fields.flag, 156, "latin1");
  bytes.write(fields.linkName.slice(0, NAME_BYTES_MAX), 157, "latin1");
  bytes.write("ustar\x0000", 257, "latin1");
  if (fields.device !== undefined) {
    const { major, minor } = deviceNumbers(fields.device);
    octal(bytes, 329, 8, major);
    octal(bytes, 337, 8, minor);
  }
  let sum = 0;
  for (const byte of bytes) sum += byte;
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return bytes;
}

function octal(bytes: Buffer, at: number, width: number, value: number): void {
  bytes.write(`${value.toString(8).padStart(width - 1, "0")}\0`, at, "latin1");
}
