import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { readIdCursor } from "@/lib/engine/id-cursor";
import { toReport, withTarget } from "./convert";
import type { ListOutgoingFilesInput, OutgoingFileReport } from "./schemas";

/** Files on their way to targets, and those of the last month, newest first. */
export async function listOutgoingFiles(
  ctx: EngineContext,
  input: ListOutgoingFilesInput,
): Promise<{ items: OutgoingFileReport[]; nextCursor: string | null; total: number }> {
  const [rows, total] = await Promise.all([
    ctx.db.prisma.outgoingFile.findMany({
      where: { id: { lt: readIdCursor(input.cursor) } },
      orderBy: { id: "desc" },
      take: input.limit + 1,
      include: withTarget,
    }),
    ctx.db.prisma.outgoingFile.count(),
  ]);
  const items = rows.slice(0, input.limit).map(toReport);
  return { items, nextCursor: rows.length > input.limit ? (items.at(-1)?.id ?? null) : null, total };
}
