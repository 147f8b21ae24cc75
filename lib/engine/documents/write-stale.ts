import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { RecordContext } from "@/lib/engine/records/connection";
import { documentKey, encodeDocument } from "@/lib/engine/recovery-points/document";
import { ensureDomain } from "@/lib/engine/repositories/open";
import { toTwincoreError } from "@/lib/errors";
import type { StaleDocument } from "@/prisma/generated/client";
import { agentDocumentKey, encodeAgentDocument } from "./agent";
import { agentDocumentOf, pointDocumentOf, withAgentDocument, withPointDocument } from "./of-rows";

/** Documents of one look; a sweep that ends within its minute writes some thousands. */
const PER_LOOK = 200;
const PER_SWEEP = 2000;
/** Each waits for its flush and little else. */
const AT_ONCE = 4;
/** A document is small; a disk that takes longer is tried again later. */
const TIMEOUT_MS = 60_000;

/** Writes the documents that their rows have overtaken, the longest first. One that fails waits for the next sweep. */
export async function sweepDocuments(ctx: RecordContext): Promise<void> {
  const before = ctx.now();
  for (let written = 0; written < PER_SWEEP; written += PER_LOOK) {
    const stale = await ctx.db.prisma.staleDocument.findMany({
      where: { markedAt: { lte: before } },
      orderBy: { markedAt: "asc" },
      take: PER_LOOK,
    });
    if (stale.length === 0) return;
    await writeAll(ctx, stale);
  }
}

/** Writes the documents of these agents and points now, where their rows have overtaken them. A failure waits for the sweep. */
export async function writeDocuments(ctx: RecordContext, subjectIds: readonly string[]): Promise<void> {
  const where = { subjectId: { in: [...subjectIds] } };
  await writeAll(ctx, await ctx.db.prisma.staleDocument.findMany({ where }));
}

/** Has documents written anew, whatever their rows say. */
export async function markStale(
  ctx: RecordContext,
  kind: "agent" | "recovery-point",
  subjectIds: readonly string[],
): Promise<void> {
  await ctx.db.prisma.$executeRaw`
    insert into stale_document (subject_id, kind) select unnest(${[...subjectIds]}::uuid[]), ${kind}
    on conflict (subject_id) do update set version = nextval('stale_document_version_seq'), marked_at = now()`;
}

async function writeAll(ctx: RecordContext, stale: readonly StaleDocument[]): Promise<void> {
  for (let at = 0; at < stale.length; at += AT_ONCE)
    await Promise.all(stale.slice(at, at + AT_ONCE).map((one) => writeOne(ctx, one)));
}

async function writeOne(ctx: RecordContext, stale: StaleDocument): Promise<void> {
  const { subjectId, version } = stale;
  try {
    await withTransaction(
      ctx.db,
      async (tx) => {
        await (stale.kind === "agent" ? putAgent(tx, ctx, subjectId) : putPoint(tx, ctx, subjectId));
        // A change since then has raised the version: its own document is still to be written.
        await tx.staleDocument.deleteMany({ where: { subjectId, version } });
      },
      TIMEOUT_MS,
    );
  } catch (thrown) {
    ctx.log.debug({ subjectId, error: toTwincoreError(thrown).message }, "a document could not be written");
    // Behind the others, which may lie in another repository.
    await ctx.db.prisma.staleDocument.updateMany({ where: { subjectId }, data: { markedAt: ctx.now() } });
  }
}

/** The row is held until the document is durable: nobody writes an older one over it, and what is deleted stays deleted. */
async function putAgent(tx: Tx, ctx: RecordContext, id: string): Promise<void> {
  await tx.$executeRaw`select 1 from agent where id = ${id}::uuid for no key update`;
  const row = await tx.agent.findUnique({ where: { id }, include: withAgentDocument });
  if (!row || row.deletionAskedAt) return;
  const { storage, prefix } = await ensureDomain(ctx, row);
  await storage.put(agentDocumentKey(prefix, id), encodeAgentDocument(agentDocumentOf(row)));
}

async function putPoint(tx: Tx, ctx: RecordContext, id: string): Promise<void> {
  await tx.$executeRaw`select 1 from recovery_point where id = ${id}::uuid for no key update`;
  const row = await tx.recoveryPoint.findUnique({ where: { id }, include: withPointDocument });
  if (!row || row.agent.deletionAskedAt) return;
  const domain = await ensureDomain(ctx, { repositoryId: row.repositoryId, tenantId: row.agent.tenantId });
  await domain.storage.put(documentKey(domain.prefix, row.agentId, id), encodeDocument(pointDocumentOf(row)));
}
