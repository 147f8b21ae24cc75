import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { AgentDocument } from "@/lib/engine/documents";
import { emitEvents } from "@/lib/engine/events/emit";
import { manifestKey } from "@/lib/engine/manifests/format";
import { holdRecords, lossesOf } from "@/lib/engine/records/losses";
import { documentKey, type PointDocument } from "@/lib/engine/recovery-points/document";
import type { Domain } from "@/lib/engine/repositories/open";
import { insertAgents, insertVolumes } from "./adopt-agents";
import { mapSome } from "./batches";
import { findBrokenImages } from "./check-images";
import { insertPointRows } from "./point-rows";
import type { SyncWork } from "./work";

export interface FoundPoint {
  readonly key: string;
  readonly point: PointDocument;
}

/** A hundred points with all their images, on a slow disk. */
const TIMEOUT_MS = 5 * 60_000;
const AT_ONCE = 8;

/**
 * Lists recovery points that the catalog lacks, after looking at each: its manifests are the declared ones and every record of
 * theirs is indexed, in a pack that is durable. What is refused is a problem of the session, in words.
 */
export async function adoptPoints(work: SyncWork, domain: Domain, given: readonly FoundPoint[]): Promise<void> {
  const { ctx, progress } = work;
  if (given.length === 0) return;
  const found = onceEach(given);
  const losses = await lossesOf(ctx.db.prisma, domain);
  const images = found.flatMap(({ point }) => point.images);
  const broken = await findBrokenImages(ctx, domain, images, { records: true });
  const whole = found.filter(({ key, point }) => {
    const reason = wrongWith(point) ?? point.images.map(({ id }) => broken.get(id)).find((one) => one !== undefined);
    if (reason) progress.problem(key, `${nameOf(point)} cannot be taken over. ${reason}`);
    return reason === undefined;
  });
  const refused = await withTransaction(ctx.db, (tx) => insertPoints(tx, work, domain, whole, losses), TIMEOUT_MS);
  for (const { key, point } of whole) {
    const reason = refused.get(point.id);
    if (reason) progress.problem(key, `${nameOf(point)} cannot be taken over. ${reason}`);
  }
  progress.add("pointsAdopted", whole.filter(({ point }) => !refused.has(point.id)).length);
}

/** A point that was moved to another agent may have left its former document behind: both tell the same images. */
const onceEach = (found: readonly FoundPoint[]): FoundPoint[] => [
  ...new Map(found.map((one) => [one.point.id, one])).values(),
];

const nameOf = ({ agent, createdAt }: PointDocument): string =>
  `The recovery point of ${agent.name} of ${createdAt.slice(0, 19).replace("T", " ")} UTC`;

/** Largest bigint that Postgres holds. */
const SEQUENCE_MAX = 2n ** 63n - 1n;

function wrongWith({ images, sequence }: PointDocument): string | undefined {
  const volumes = new Set(images.map(({ volumeId }) => volumeId));
  const ids = new Set(images.map(({ id }) => id));
  if (volumes.size < images.length || ids.size < images.length) return "It names an image or a volume twice.";
  return BigInt(sequence) > SEQUENCE_MAX ? "Its number is none that a recovery point can have." : undefined;
}

/** Answers why points were not listed, by id; an empty reason for those that were deleted just now. */
async function insertPoints(
  tx: Tx,
  work: SyncWork,
  domain: Domain,
  found: readonly FoundPoint[],
  losses: number,
): Promise<Map<string, string>> {
  const refused = new Map<string, string>();
  await holdRecords(tx, domain, losses);
  const present = await stillThere(tx, domain, found, refused);
  const points = await ofOwnAgents(tx, domain, present, refused);
  await insertOwners(tx, work, domain, points);
  const free = await withOwnVolumes(tx, points, refused);
  const adopted = await insertPointRows(tx, work.ctx, domain, free, refused);
  await emitEvents(
    tx,
    "recovery-point",
    adopted.map(({ id }) => id),
  );
  await emitEvents(tx, "agent", [...new Set(adopted.map(({ agent }) => agent.id))]);
  if (adopted.length > 0)
    await writeAudit(tx, work.ctx, "repository.adopt", domain.repositoryId, { recoveryPoints: adopted.length });
  return refused;
}

/** Without those that are being deleted, or were since their documents were read: the same locks as a deletion's. */
async function stillThere(
  tx: Tx,
  { storage, prefix }: Domain,
  found: readonly FoundPoint[],
  refused: Map<string, string>,
): Promise<PointDocument[]> {
  const images = found.flatMap(({ point }) => point.images.map(({ id }) => id));
  await tx.$executeRaw`
    select pg_advisory_xact_lock(hashtextextended(image_id, 0))
    from (select unnest(${images}::text[]) as image_id order by 1) as images`;
  const removed = await tx.removedPoint.findMany({
    where: { id: { in: found.map(({ point }) => point.id) } },
    select: { id: true },
  });
  const going = new Set(removed.map(({ id }) => id));
  const isHere = await mapSome(found, AT_ONCE, async ({ point }) => {
    const keys = [
      documentKey(prefix, point.agent.id, point.id),
      ...point.images.map(({ id }) => manifestKey(prefix, id)),
    ];
    const sizes = await mapSome(keys, 1, (key) => storage.size(key));
    return sizes.every((size) => size !== null) && !going.has(point.id);
  });
  for (const [at, { point }] of found.entries()) if (!isHere[at]) refused.set(point.id, "");
  return found.filter((_, at) => isHere[at]).map(({ point }) => point);
}

/** Agents that are known here must be of the same tenant, and not be on their way out. */
async function ofOwnAgents(
  tx: Tx,
  domain: Domain,
  points: readonly PointDocument[],
  refused: Map<string, string>,
): Promise<PointDocument[]> {
  const ids = [...new Set(points.map(({ agent }) => agent.id))];
  // Held, so that a deletion of the agent begins before or after, and finds these points.
  await tx.$executeRaw`select 1 from agent where id = any(${ids}::uuid[]) order by id for share`;
  const known = await tx.agent.findMany({ where: { id: { in: ids } } });
  const wrong = new Map<string, string>();
  for (const agent of known) {
    if (agent.deletionAskedAt) wrong.set(agent.id, "");
    else if (agent.tenantId !== domain.tenantId) wrong.set(agent.id, "Its agent belongs to another tenant here.");
  }
  for (const { id, agent } of points) if (wrong.has(agent.id)) refused.set(id, wrong.get(agent.id) ?? "");
  return points.filter(({ agent }) => !wrong.has(agent.id));
}

/** Agents and volumes as the points tell of them, where no document of the agent told more. */
async function insertOwners(tx: Tx, work: SyncWork, domain: Domain, points: readonly PointDocument[]): Promise<void> {
  const agents = new Map<string, AgentDocument>();
  for (const { agent, tenant, createdAt } of points)
    agents.set(agent.id, agents.get(agent.id) ?? { ...agent, tenant, kind: "machine", createdAt, volumes: [] });
  const known = await tx.agent.findMany({ where: { id: { in: [...agents.keys()] } }, select: { id: true } });
  for (const { id } of known) agents.delete(id);
  await insertAgents(tx, work, domain, [...agents.values()]);
  const volumes = points.flatMap(({ agent, images }) =>
    images.map(({ volumeId, volumeName, volumeKind }) => ({
      id: volumeId,
      agentId: agent.id,
      name: volumeName,
      kind: volumeKind,
    })),
  );
  const ids = volumes.map(({ id }) => id);
  const present = await tx.volume.findMany({ where: { id: { in: ids } }, select: { id: true } });
  const here = new Set(present.map(({ id }) => id));
  await insertVolumes(
    tx,
    volumes.filter(({ id }) => !here.has(id)),
    work,
  );
}

async function withOwnVolumes(
  tx: Tx,
  points: readonly PointDocument[],
  refused: Map<string, string>,
): Promise<PointDocument[]> {
  const ids = points.flatMap(({ images }) => images.map(({ volumeId }) => volumeId));
  const volumes = await tx.volume.findMany({ where: { id: { in: ids } }, select: { id: true, agentId: true } });
  const owners = new Map(volumes.map(({ id, agentId }) => [id, agentId]));
  return points.filter(({ id, agent, images }) => {
    const isOwn = images.every(({ volumeId }) => owners.get(volumeId) === agent.id);
    if (!isOwn) refused.set(id, "One of its volumes belongs to another agent here.");
    return isOwn;
  });
}
