import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { readIdCursor } from "@/lib/engine/id-cursor";
import { hex } from "@/lib/engine/uploads/digest";
import { versionOf } from "@/lib/engine/uploads/list";
import type { CoreFileReport, ListCoreFilesInput } from "./schemas";

/** Files that peers sent, newest first. */
export async function listCoreFiles(
  ctx: EngineContext,
  input: ListCoreFilesInput,
): Promise<{ items: CoreFileReport[]; nextCursor: string | null; total: number }> {
  const where = { removedAt: null };
  const [rows, total] = await Promise.all([
    ctx.db.prisma.coreFile.findMany({
      where: { ...where, id: { lt: readIdCursor(input.cursor) } },
      orderBy: { id: "desc" },
      take: input.limit + 1,
      include: { pairing: { select: { id: true, peerName: true } } },
    }),
    ctx.db.prisma.coreFile.count({ where }),
  ]);
  const items = rows.slice(0, input.limit).map((row) => ({
    id: row.id,
    fileName: row.fileName,
    version: versionOf(row.version),
    sizeBytes: Number(row.sizeBytes),
    md5: hex(row.md5),
    sha256: hex(row.sha256),
    sender: row.pairing && { pairingId: row.pairing.id, name: row.pairing.peerName },
    createdAt: row.createdAt.toISOString(),
  }));
  return { items, nextCursor: rows.length > input.limit ? (items.at(-1)?.id ?? null) : null, total };
}
