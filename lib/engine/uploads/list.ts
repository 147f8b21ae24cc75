import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { readIdCursor } from "@/lib/engine/id-cursor";
import { ExchangeServerVersion, type ListUploadsInput, type UploadReport } from "./schemas";

/** A version as rows have it, under its name on the wire. */
export const versionOf = (text: string): ExchangeServerVersion => ExchangeServerVersion.catch("None").parse(text);

/** Uploads that are open, newest first. */
export async function listUploads(
  ctx: EngineContext,
  input: ListUploadsInput,
): Promise<{ items: UploadReport[]; nextCursor: string | null; total: number }> {
  const where = { state: "open" as const };
  const [rows, total] = await Promise.all([
    ctx.db.prisma.uploadSession.findMany({
      where: { ...where, id: { lt: readIdCursor(input.cursor) } },
      orderBy: { id: "desc" },
      take: input.limit + 1,
      include: { pairing: { select: { id: true, peerName: true } } },
    }),
    ctx.db.prisma.uploadSession.count({ where }),
  ]);
  const items = rows.slice(0, input.limit).map((row) => ({
    id: row.id,
    fileName: row.fileName,
    version: versionOf(row.version),
    sizeBytes: Number(row.sizeBytes),
    receivedBytes: Number(row.receivedBytes),
    sender: { pairingId: row.pairing.id, name: row.pairing.peerName },
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }));
  return { items, nextCursor: rows.length > input.limit ? (items.at(-1)?.id ?? null) : null, total };
}
