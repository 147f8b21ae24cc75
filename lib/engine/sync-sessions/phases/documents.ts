import "server-only";
import { type AgentDocument, parseAgentDocument } from "@/lib/engine/documents";
import { DOCUMENT_BYTES_MAX } from "@/lib/engine/documents/wrapped";
import { type PointDocument, parseDocument } from "@/lib/engine/recovery-points/document";
import { toTwincoreError } from "@/lib/errors";
import { adoptAgents } from "../adopt-agents";
import { adoptPoints, type FoundPoint } from "../adopt-points";
import { groupBy, inBatches, mapSome } from "../batches";
import { parseKey, type RepositoryFile } from "../file-keys";
import { domainOfTenant } from "../tenants";
import type { SyncWork } from "../work";

/** Points of one transaction. */
const DOCUMENTS_PER_BATCH = 100;
const BATCH_BYTES_MAX = 64 * 1024 * 1024;
const AT_ONCE = 8;

interface FileOf<K extends RepositoryFile["kind"]> {
  readonly key: string;
  readonly sizeBytes: number;
  readonly file: Extract<RepositoryFile, { kind: K }>;
}
type PointFile = FileOf<"point">;
type AgentFile = FileOf<"agent">;
type DocumentFile = PointFile | AgentFile;

/** Takes over what the documents of storage tell and the catalog lacks. Nothing is believed that was not looked at. */
export async function adoptDocuments(work: SyncWork): Promise<void> {
  const { progress } = work;
  if (progress.cursor.after === "") await progress.step({ losses: await uncheckedLosses(work) });
  const limits = { itemsMax: DOCUMENTS_PER_BATCH, weightMax: BATCH_BYTES_MAX };
  for await (const batch of inBatches(documentFiles(work), { ...limits, weigh: ({ sizeBytes }) => sizeBytes })) {
    for (const [tenantId, files] of groupBy(batch, ({ file }) => file.tenantId)) await adoptOf(work, tenantId, files);
    progress.done(batch.length);
    await progress.step({ after: batch.at(-1)?.key ?? "" });
  }
  await progress.enter("points", { part: "catalog" });
}

/** Domains that lost records since their points were looked at last. */
async function uncheckedLosses({ ctx, repository }: SyncWork): Promise<Record<string, number>> {
  const { rows } = await ctx.db.pool.query<{ id: number; losses: number }>(
    "select id, losses from record_domain where repository_id = $1 and losses > losses_checked",
    [repository.id],
  );
  return Object.fromEntries(rows.map(({ id, losses }) => [String(id), losses]));
}

async function* documentFiles({ repository, progress }: SyncWork): AsyncIterable<DocumentFile> {
  const { after } = progress.cursor;
  for await (const { key, sizeBytes } of repository.storage.list("t/")) {
    const file = key > after ? parseKey(key) : null;
    if (file?.kind === "point") yield { key, sizeBytes, file };
    if (file?.kind === "agent") yield { key, sizeBytes, file };
  }
}

async function adoptOf(work: SyncWork, tenantId: string, files: readonly DocumentFile[]): Promise<void> {
  const agents = await unknownAgents(work, files.filter(isAgent));
  const points = await unknownPoints(work, files.filter(isPoint));
  if (agents.length + points.length === 0) return;
  const domain = await domainOfTenant(work, tenantId);
  const read = await readAll(work, agents, agentIn);
  await adoptAgents(work, domain, read);
  await adoptPoints(work, domain, await readAll(work, points, pointIn));
}

const isAgent = (one: DocumentFile): one is AgentFile => one.file.kind === "agent";
const isPoint = (one: DocumentFile): one is PointFile => one.file.kind === "point";

async function unknownAgents({ ctx }: SyncWork, files: readonly AgentFile[]) {
  const ids = files.map(({ file }) => file.agentId);
  const known = await ctx.db.prisma.agent.findMany({ where: { id: { in: ids } }, select: { id: true } });
  const here = new Set(known.map(({ id }) => id));
  return files.filter(({ file }) => !here.has(file.agentId));
}

/** Without those that are listed, and those whose deletion is under way. */
async function unknownPoints(work: SyncWork, files: readonly PointFile[]) {
  const { ctx, repository, progress } = work;
  const where = { id: { in: files.map(({ file }) => file.pointId) } };
  const known = await ctx.db.prisma.recoveryPoint.findMany({ where, select: { id: true, repositoryId: true } });
  const removed = await ctx.db.prisma.removedPoint.findMany({ where, select: { id: true } });
  const here = new Map(known.map(({ id, repositoryId }) => [id, repositoryId]));
  const going = new Set(removed.map(({ id }) => id));
  for (const { key, file } of files) {
    const holder = here.get(file.pointId);
    if (holder !== undefined && holder !== repository.id)
      progress.problem(key, "This core has the same recovery point in another repository.");
  }
  return files.filter(({ file }) => !here.has(file.pointId) && !going.has(file.pointId));
}

/** What the documents say; one that is damaged, or lies where another belongs, is a problem. */
async function readAll<F extends DocumentFile, T>(
  { repository, progress }: SyncWork,
  files: readonly F[],
  read: (bytes: Buffer, file: F) => T,
): Promise<T[]> {
  const found = await mapSome(files, AT_ONCE, async (file): Promise<T[]> => {
    try {
      if (file.sizeBytes > DOCUMENT_BYTES_MAX) throw new RangeError("too large");
      return [read(await repository.storage.read(file.key, 0, file.sizeBytes), file)];
    } catch (error) {
      const { code } = toTwincoreError(error);
      // Removed or replaced since it was listed.
      if (code === "not_found") return [];
      if (code !== "integrity" && !(error instanceof RangeError)) throw error;
      progress.problem(file.key, "This document is damaged, or lies where another one belongs.");
      return [];
    }
  });
  return found.flat();
}

function agentIn(bytes: Buffer, { key, file }: AgentFile): AgentDocument {
  const agent = parseAgentDocument(bytes, key);
  if (agent.id !== file.agentId || agent.tenant.id !== file.tenantId) throw new RangeError("misplaced");
  return agent;
}

function pointIn(bytes: Buffer, { key, file }: PointFile): FoundPoint {
  const point: PointDocument = parseDocument(bytes, key);
  const isHere = point.id === file.pointId && point.agent.id === file.agentId && point.tenant.id === file.tenantId;
  if (!isHere) throw new RangeError("misplaced");
  return { key, point };
}
