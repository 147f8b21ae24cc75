import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

export interface TreeEntry {
  type: string;
  mode: number;
  owner: string;
  mtimeUs: bigint;
  content: string;
  links: string[];
}

/** What a tree looks like, by path (one character per byte), for comparing with toEqual. */
export function readTree(root: string): Map<string, TreeEntry> {
  const tree = new Map<string, TreeEntry>();
  const byInode = new Map<bigint, string[]>();
  visit(Buffer.from(root), "", tree, byInode);
  return tree;
}

function visit(at: Buffer, name: string, tree: Map<string, TreeEntry>, byInode: Map<bigint, string[]>): void {
  const stat = lstatSync(at, { bigint: true });
  if (stat.isSocket()) return;
  const names = byInode.get(stat.ino) ?? [];
  if (stat.isFile() && stat.nlink > 1n) byInode.set(stat.ino, names);
  names.push(name);
  tree.set(name, {
    type: kindOf(stat),
    mode: stat.isSymbolicLink() ? 0 : Number(stat.mode & 0o7777n),
    owner: `${stat.uid}:${stat.gid}`,
    // Microseconds are what Node can set.
    mtimeUs: stat.mtimeNs / 1000n,
    content: contentOf(at, stat),
    links: stat.isFile() && stat.nlink > 1n ? names : [],
  });
  if (!stat.isDirectory()) return;
  for (const child of readdirSync(at, "buffer").sort(Buffer.compare)) {
    const path = name === "" ? child.toString("latin1") : `${name}/${child.toString("latin1")}`;
    visit(Buffer.concat([at, Buffer.from("/"), child]), path, tree, byInode);
  }
}

type Stat = import("node:fs").BigIntStats;

function kindOf(stat: Stat): string {
  if (stat.isDirectory()) return "folder";
  if (stat.isSymbolicLink()) return "link";
  if (stat.isFIFO()) return "fifo";
  return stat.isFile() ? "file" : `device ${stat.rdev}`;
}

function contentOf(at: Buffer, stat: Stat): string {
  if (stat.isSymbolicLink()) return readlinkSync(at, "buffer").toString("latin1");
  return stat.isFile() ? readFileSync(at).toString("latin1") : "";
}
