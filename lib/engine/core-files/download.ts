import "server-only";
import { createHash } from "node:crypto";
import type { EngineContext } from "@/lib/engine/context";
import { openRepository } from "@/lib/engine/repositories/open";
import type { Download } from "@/lib/engine/restore";
import { fileKey } from "@/lib/engine/uploads/keys";
import { integrity, notFound } from "@/lib/errors";

/** A kept file, to be sent to a person. Damage ends the body with `integrity`, before its length is reached. Throws `not_found`. */
export async function openCoreFileDownload(ctx: EngineContext, input: { id: string }): Promise<Download> {
  const row = await ctx.db.prisma.coreFile.findFirst({ where: { id: input.id, removedAt: null } });
  if (!row) throw notFound("file");
  const { storage } = await openRepository(ctx, row.repositoryId);
  const totalBytes = Number(row.sizeBytes);
  return {
    contentType: "application/octet-stream",
    fileName: row.fileName,
    totalBytes,
    start: 0,
    end: totalBytes,
    acceptsRanges: false,
    body: verified(storage.stream(fileKey(row.id)), Buffer.from(row.sha256)),
  };
}

/** The bytes as they are; the last of them only when all have the digest. */
export async function* verified(bytes: AsyncIterable<Buffer>, sha256: Buffer): AsyncGenerator<Buffer> {
  const hash = createHash("sha256");
  let held: Buffer | null = null;
  for await (const piece of bytes) {
    if (held) yield held;
    hash.update(piece);
    held = piece;
  }
  if (!hash.digest().equals(sha256)) throw integrity("The stored file is damaged. Remove it and have it sent again.");
  if (held) yield held;
}
