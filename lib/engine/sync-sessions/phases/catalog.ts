import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { markStale, writeDocuments } from "@/lib/engine/documents";
import { agentDocumentKey, encodeAgentDocument, parseAgentDocument } from "@/lib/engine/documents/agent";
import {
  type AgentRow,
  agentDocumentOf,
  inOrder,
  type PointRow,
  pointDocumentOf,
  withAgentDocument,
  withPointDocument,
} from "@/lib/engine/documents/of-rows";
import { DOCUMENT_BYTES_MAX } from "@/lib/engine/documents/wrapped";
import { emitEvents } from "@/lib/engine/events/emit";
import { documentKey, encodeDocument, parseDocument } from "@/lib/engine/recovery-points/document";
import { type Domain, domainPrefix, ensureDomain } from "@/lib/engine/repositories/open";
import { toTwincoreError } from "@/lib/errors";
import { groupBy, mapSome } from "../batches";
import { findBrokenImages, type ImageToCheck } from "../check-images";
import type { SyncWork } from "../work";

const POINTS_PER_PAGE = 100;
const AT_ONCE = 8;
/** The nil UUID: before every id. */
const FIRST = "00000000-0000-0000-0000-000000000000";

/**
 * The catalog's points against storage: what storage lost is marked, what is whole again is not any more, and documents that are
 * missing or behind are written. Records are looked for where some left the index, and where a point was lost before.
 */
export async function checkCatalog(work: SyncWork): Promise<void> {
  const { ctx, repository, progress } = work;
  await checkAgents(work);
  for (;;) {
    const points = await ctx.db.prisma.recoveryPoint.findMany({
      where: { repositoryId: repository.id, id: { gt: progress.cursor.after || FIRST } },
      orderBy: { id: "asc" },
      take: POINTS_PER_PAGE,
      include: withPointDocument,
    });
    if (points.length === 0) break;
    for (const [tenantId, ones] of groupBy(points, ({ agent }) => agent.tenantId))
      await checkPoints(work, await ensureDomain(ctx, { repositoryId: repository.id, tenantId }), ones);
    progress.done(points.length);
    await progress.step({ after: points.at(-1)?.id ?? "" });
  }
  await closeLosses(work);
  await progress.enter("usage", {});
}

async function checkPoints(work: SyncWork, domain: Domain, points: readonly PointRow[]): Promise<void> {
  const { ctx, progress } = work;
  const isSuspect = progress.verifyRecords || progress.cursor.losses[String(domain.id)] !== undefined;
  const deep = points.filter(({ lostAt }) => isSuspect || lostAt !== null);
  const shallow = points.filter((point) => !deep.includes(point));
  const broken = new Map([
    ...(await findBrokenImages(ctx, domain, deep.flatMap(imagesOf), { records: true })),
    ...(await findBrokenImages(ctx, domain, shallow.flatMap(imagesOf), { records: false })),
  ]);
  const reasons = points.flatMap(({ id, images }) => {
    const reason = images.flatMap((image) => broken.get(image.id) ?? []).join(" ");
    return reason === "" ? [] : [{ id, reason }];
  });
  await markPoints(work, points, reasons);
  await refreshDocuments(work, domain, points);
}

const imagesOf = ({ images }: PointRow): ImageToCheck[] =>
  images.map(({ id, volume, manifestDigest, recordCount }) => ({
    id,
    volumeName: volume.name,
    manifestDigest: Buffer.from(manifestDigest).toString("hex"),
    recordCount,
  }));

interface Broken {
  readonly id: string;
  readonly reason: string;
}

async function markPoints(work: SyncWork, points: readonly PointRow[], broken: readonly Broken[]): Promise<void> {
  const { ctx, progress, repository } = work;
  const isBroken = new Set(broken.map(({ id }) => id));
  const before = new Set(points.filter(({ lostAt }) => lostAt !== null).map(({ id }) => id));
  const whole = points.filter(({ id }) => !isBroken.has(id) && before.has(id)).map(({ id }) => id);
  if (broken.length + whole.length === 0) return;
  const lost = await withTransaction(ctx.db, async (tx) => {
    const marked = await tx.$queryRaw<{ id: string }[]>`
      update recovery_point p set lost_at = coalesce(p.lost_at, ${ctx.now()}), lost_reason = said.reason
      from jsonb_to_recordset(${JSON.stringify(broken)}::jsonb) as said (id uuid, reason text)
      where p.id = said.id and p.repository_id = ${repository.id}::uuid returning p.id`;
    await tx.recoveryPoint.updateMany({ where: { id: { in: whole } }, data: { lostAt: null, lostReason: null } });
    await emitEvents(tx, "recovery-point", [...marked.map(({ id }) => id), ...whole]);
    return new Set(marked.map(({ id }) => id));
  });
  progress.add("pointsFound", whole.length);
  progress.add("pointsLost", [...lost].filter((id) => !before.has(id)).length);
  for (const point of points) {
    const reason = broken.find(({ id }) => id === point.id)?.reason;
    if (reason && lost.has(point.id)) progress.problem(keyOf(point), `${nameOf(point)} is damaged. ${reason}`);
  }
}

const keyOf = ({ id, agentId, agent }: PointRow): string => documentKey(domainPrefix(agent.tenantId), agentId, id);
const nameOf = ({ agent, createdAt }: PointRow): string =>
  `The recovery point of ${agent.name} of ${createdAt.toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** Documents that do not say what the rows do are written anew, under the rows' locks. */
async function refreshDocuments(work: SyncWork, { storage }: Domain, points: readonly PointRow[]): Promise<void> {
  const isBehind = await mapSome(points, AT_ONCE, async (point) => {
    const key = keyOf(point);
    const wanted = encodeDocument(pointDocumentOf(point));
    const found = await readIf(storage, key);
    const said = found && decoded(() => inOrder(parseDocument(found, key)));
    // A tenant may have another name on each core that holds the folder.
    return (
      !said || !wanted.equals(encodeDocument({ ...said, tenant: { ...said.tenant, name: point.agent.tenant.name } }))
    );
  });
  await rewrite(
    work,
    "recovery-point",
    points.filter((_, at) => isBehind[at]).map(({ id }) => id),
  );
}

async function rewrite({ ctx, progress }: SyncWork, kind: "agent" | "recovery-point", ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  await markStale(ctx, kind, ids);
  await writeDocuments(ctx, ids);
  progress.add("documentsWritten", ids.length);
}

/** The bytes of a document, or null when there is none that could be ours. */
async function readIf(storage: Domain["storage"], key: string): Promise<Buffer | null> {
  const sizeBytes = await storage.size(key);
  if (sizeBytes === null || sizeBytes > DOCUMENT_BYTES_MAX) return null;
  try {
    return await storage.read(key, 0, sizeBytes);
  } catch (error) {
    // Removed or replaced since.
    if (["not_found", "integrity"].includes(toTwincoreError(error).code)) return null;
    throw error;
  }
}

/** null for what is damaged. */
function decoded<T>(work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (toTwincoreError(error).code === "integrity") return null;
    throw error;
  }
}

async function checkAgents(work: SyncWork): Promise<void> {
  const { ctx, repository } = work;
  for (let after = FIRST; ; ) {
    const agents = await ctx.db.prisma.agent.findMany({
      where: { repositoryId: repository.id, id: { gt: after }, deletionAskedAt: null },
      orderBy: { id: "asc" },
      take: POINTS_PER_PAGE,
      include: withAgentDocument,
    });
    if (agents.length === 0) return;
    const isBehind = await mapSome(agents, AT_ONCE, (agent) => isAgentBehind(work, agent));
    await rewrite(
      work,
      "agent",
      agents.filter((_, at) => isBehind[at]).map(({ id }) => id),
    );
    after = agents.at(-1)?.id ?? after;
    await work.progress.step({});
  }
}

async function isAgentBehind({ repository }: SyncWork, agent: AgentRow): Promise<boolean> {
  const key = agentDocumentKey(domainPrefix(agent.tenantId), agent.id);
  const found = await readIf(repository.storage, key);
  const wanted = encodeAgentDocument(agentDocumentOf(agent));
  const said = found && decoded(() => parseAgentDocument(found, key));
  return !said || !wanted.equals(encodeAgentDocument({ ...said, tenant: { ...said.tenant, name: agent.tenant.name } }));
}

/** The points of these domains were looked at since the losses that were known when the phase began. */
async function closeLosses({ ctx, progress }: SyncWork): Promise<void> {
  const losses = Object.entries(progress.cursor.losses);
  await ctx.db.pool.query(
    `update record_domain d set losses_checked = greatest(losses_checked, said.losses)
     from unnest($1::int[], $2::int[]) as said(id, losses) where d.id = said.id`,
    [losses.map(([id]) => Number(id)), losses.map(([, count]) => count)],
  );
}
