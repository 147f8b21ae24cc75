import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { FolderImage, PATH_BYTES_MAX, toText } from "@/lib/engine/folder-images";
import { baseName } from "@/lib/engine/folder-images/path";
import { type Manifest, openManifest } from "@/lib/engine/manifests";
import { RecordReader } from "@/lib/engine/records/read";
import { tarLength, tarStream } from "@/lib/engine/tar";
import { integrity, invalidInput, notFound } from "@/lib/errors";
import { findImage, type StoredImage } from "./image";
import { parseRange } from "./range";

/** Bytes to be sent to a client. Everything in `body` is verified; damage ends it with `integrity`, before its length is reached. */
export interface Download {
  contentType: string;
  /** A suggestion, without folders. */
  fileName: string;
  totalBytes: number;
  /** Which bytes of them `body` has: from `start` up to `end` (exclusive). */
  start: number;
  end: number;
  acceptsRanges: boolean;
  body: AsyncIterable<Buffer>;
}

export interface DownloadInput {
  recoveryPointId: string;
  imageId: string;
  /** The Range header. */
  range?: string;
}

/** A whole image: its bytes, or a folder as a tar. Throws `not_found`, `bad_range`. */
export async function openDownload(ctx: EngineContext, input: DownloadInput): Promise<Download> {
  const stored = await findImage(ctx, input);
  return stored.kind === "folder" ? openTar(ctx, stored) : openRaw(ctx, stored, input.range);
}

async function openRaw(ctx: EngineContext, stored: StoredImage, header: string | undefined): Promise<Download> {
  const manifest = await openManifest(stored.domain, stored.id);
  const totalBytes = manifest.stream("raw")?.totalBytes;
  if (totalBytes === undefined) throw integrity("This image has no bytes of its own.");
  const range = parseRange(header, totalBytes);
  return {
    contentType: "application/octet-stream",
    fileName: fileNameOf(stored, stored.kind === "image" ? "img" : "bin"),
    totalBytes,
    ...range,
    acceptsRanges: true,
    body: rawBytes(manifest, new RecordReader(ctx, stored.domain), range),
  };
}

async function* rawBytes(
  manifest: Manifest,
  reader: RecordReader,
  { start, end }: { start: number; end: number },
): AsyncGenerator<Buffer> {
  if (start >= end) return;
  const first = await manifest.findByOffset("raw", start);
  let at = first.startOffset;
  for await (const { plain } of reader.readMany(manifest.keys("raw", first.index))) {
    const piece = plain.subarray(Math.max(0, start - at), Math.min(plain.length, end - at));
    at += plain.length;
    if (piece.length > 0) yield piece;
    if (at >= end) return;
  }
}

async function openTar(ctx: EngineContext, stored: StoredImage): Promise<Download> {
  const image = await FolderImage.open(ctx, stored.domain, stored.id);
  const totalBytes = await tarLength(image);
  return {
    contentType: "application/x-tar",
    fileName: fileNameOf(stored, "tar"),
    totalBytes,
    start: 0,
    end: totalBytes,
    acceptsRanges: false,
    body: tarStream(image),
  };
}

/** One file of a folder image. `path`: base64url of its path's bytes. Throws `not_found`, `invalid_input`, `bad_range`. */
export async function openFileDownload(ctx: EngineContext, input: DownloadInput & { path: string }): Promise<Download> {
  const stored = await findImage(ctx, input);
  if (stored.kind !== "folder") throw invalidInput("Only folder images hold files.");
  const image = await FolderImage.open(ctx, stored.domain, stored.id);
  const path = decodePath(input.path);
  const named = await image.index.find(path);
  // Another name of a file has the content of the first.
  const found = named?.entry.link === undefined ? named : await image.index.find(named.entry.link);
  if (!named || found?.entry.type !== "file") throw notFound("file in this image");
  const { entry, payloadOffset } = found;
  const range = parseRange(input.range, entry.sizeBytes);
  return {
    contentType: "application/octet-stream",
    fileName: toText(baseName(path)),
    totalBytes: entry.sizeBytes,
    ...range,
    acceptsRanges: true,
    body: image.payload(payloadOffset + range.start, payloadOffset + range.end),
  };
}

/** A path inside an image from its base64url form. Throws `invalid_input`. */
export function decodePath(base64url: string): string {
  if (!/^[A-Za-z0-9_-]*$/.test(base64url) || base64url.length > 2 * PATH_BYTES_MAX)
    throw invalidInput("The path is not base64url.");
  return Buffer.from(base64url, "base64url").toString("latin1");
}

/** "photos-laptop-2026-05-04T10-20-30.tar": says what it is, and is a name on every system. */
function fileNameOf({ agent, volumeName, point }: StoredImage, ending: string): string {
  const moment = point.createdAt.toISOString().slice(0, 19).replaceAll(":", "-");
  const clean = (text: string) => text.replace(/[^\p{L}\p{N}._-]+/gu, "_").slice(0, 80);
  return `${clean(agent.name)}-${clean(volumeName)}-${moment}.${ending}`;
}
