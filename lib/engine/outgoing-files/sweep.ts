import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { TwincoreError } from "@/lib/errors";
import { endFile, purgeFile } from "./end";

/** Between tries the queue waits some minutes at most; one this silent has lost its job. */
const SILENT_MS = 10 * 60_000;
/** A person's upload of two gigabytes over a slow line takes hours; without any end for so long its process is gone. */
const RECEIVING_MS = 24 * 3_600_000;
/** How long what was sent is shown. */
const SHOWN_MS = 30 * 24 * 3_600_000;
/** More are left for the next sweep. */
const FILES_MAX = 50;

/** Brings back files whose job was lost, gives up those that never came whole, and removes what is over. */
export async function sweepOutgoingFiles(ctx: EngineContext): Promise<void> {
  const now = ctx.now().getTime();
  const find = (where: object) =>
    ctx.db.prisma.outgoingFile.findMany({
      where,
      select: { id: true },
      orderBy: { updatedAt: "asc" },
      take: FILES_MAX,
    });
  const before = (ageMs: number) => ({ lt: new Date(now - ageMs) });
  const silent = await find({ state: { in: ["queued", "sending"] }, updatedAt: before(SILENT_MS) });
  // A job that exists is not queued twice.
  for (const { id } of silent) await ctx.enqueue("send-file", { fileId: id }, { key: id });
  const thrown = new TwincoreError("unavailable", "This core stopped while it received the file. Send it again.");
  for (const { id } of await find({ state: "receiving", updatedAt: before(RECEIVING_MS) }))
    await endFile(ctx, id, { state: "failed", thrown });
  for (const { id } of await find({ endedAt: { not: null }, purgedAt: null })) await purgeFile(ctx, id);
  await ctx.db.prisma.outgoingFile.deleteMany({ where: { purgedAt: before(SHOWN_MS) } });
}
