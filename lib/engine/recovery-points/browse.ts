import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { type BytePath, baseName, type Entry, FolderImage, toText } from "@/lib/engine/folder-images";
import { decodePath } from "@/lib/engine/restore/download";
import { findImage } from "@/lib/engine/restore/image";
import { invalidInput, notFound } from "@/lib/errors";
import type { BrowseEntry, BrowseInput } from "./schemas";

/**
 * What lies directly in one folder of a folder image, by the bytes of names. Reads the entries around them only, however large
 * the image is. The cursor is the path of the last one. Throws `not_found`, `invalid_input`.
 */
export async function browseImage(ctx: EngineContext, input: BrowseInput) {
  const image = await openFolderImage(ctx, input);
  const folder = decodePath(input.folder);
  const found = await image.index.find(folder);
  if (found?.entry.type !== "folder") throw notFound("folder in this image");
  const after = input.cursor === undefined ? undefined : decodePath(input.cursor);
  const items: BrowseEntry[] = [];
  for await (const entry of image.index.children(folder, after)) {
    if (items.length === input.limit) return { items, nextCursor: items.at(-1)?.pathBase64 ?? null };
    items.push(await toBrowseEntry(image, entry));
  }
  return { items, nextCursor: null };
}

async function openFolderImage(ctx: EngineContext, input: { recoveryPointId: string; imageId: string }) {
  const stored = await findImage(ctx, input);
  if (stored.kind !== "folder") throw invalidInput("Only folder images can be browsed.");
  return FolderImage.open(ctx, stored.domain, stored.id);
}

const SHOWN_TYPES: Record<Entry["type"], BrowseEntry["type"]> = {
  file: "file",
  hardlink: "file",
  folder: "folder",
  link: "link",
  fifo: "other",
  char: "other",
  block: "other",
};

async function toBrowseEntry(image: FolderImage, entry: Entry): Promise<BrowseEntry> {
  // Another name of a file shows the size of the first.
  const first = entry.link === undefined ? null : await image.index.find(entry.link);
  return {
    name: toText(baseName(entry.path)),
    path: toText(entry.path),
    pathBase64: encodePath(entry.path),
    type: SHOWN_TYPES[entry.type],
    sizeBytes: first?.entry.sizeBytes ?? entry.sizeBytes,
    modifiedAt: instant(entry.mtimeNs),
    linkTarget: entry.target === undefined ? null : toText(entry.target),
  };
}

const encodePath = (path: BytePath): string => Buffer.from(path, "latin1").toString("base64url");

/** File systems can hold times that no date can; they are shown as the nearest one with four digits of year. */
const MS_MIN = Date.UTC(1, 0, 1);
const MS_MAX = Date.UTC(9999, 11, 31);

const instant = (ns: bigint): string =>
  new Date(Math.min(MS_MAX, Math.max(MS_MIN, Number(ns / 1_000_000n)))).toISOString();
