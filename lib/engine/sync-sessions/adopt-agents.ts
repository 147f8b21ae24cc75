import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { type AgentDocument, agentDocumentKey } from "@/lib/engine/documents";
import { emitEvents } from "@/lib/engine/events/emit";
import type { Domain } from "@/lib/engine/repositories/open";
import { mapSome } from "./batches";
import type { SyncWork } from "./work";

const AT_ONCE = 8;

/**
 * Lists agents of this repository that the catalog lacks, with their volumes. An agent that was deleted since its document was
 * read has none any more, because that goes before the row; so it is looked for once more.
 */
export async function adoptAgents(work: SyncWork, domain: Domain, agents: readonly AgentDocument[]): Promise<void> {
  if (agents.length === 0) return;
  const sizes = await mapSome(agents, AT_ONCE, ({ id }) => domain.storage.size(agentDocumentKey(domain.prefix, id)));
  const present = agents.filter((_, at) => sizes[at] !== null);
  await withTransaction(work.ctx.db, async (tx) => {
    await insertAgents(tx, work, domain, present);
    await insertVolumes(
      tx,
      present.flatMap(({ id, volumes }) => volumes.map((volume) => ({ ...volume, agentId: id }))),
      work,
    );
    await emitEvents(
      tx,
      "agent",
      present.map(({ id }) => id),
    );
  });
}

/** A test copy without its test is what somebody may still want: its points are set aside. */
export async function insertAgents(
  tx: Tx,
  { ctx }: SyncWork,
  { repositoryId, tenantId }: Domain,
  agents: readonly AgentDocument[],
): Promise<void> {
  const parents = agents.flatMap(({ parentId }) => parentId ?? []);
  const known = await tx.agent.findMany({ where: { id: { in: parents } }, select: { id: true } });
  const here = new Set([...known.map(({ id }) => id), ...agents.map(({ id }) => id)]);
  await tx.agent.createMany({
    data: agents.map((agent) => ({
      id: agent.id,
      name: agent.name,
      hostName: agent.hostName,
      tenantId,
      repositoryId,
      kind: agent.kind === "test_copy" ? "set_aside" : agent.kind,
      parentId: agent.parentId && here.has(agent.parentId) ? agent.parentId : null,
      description: agent.description ?? "",
      labels: agent.labels ?? [],
      isSingleVolume: agent.isSingleVolume ?? false,
      sequenceFloor: BigInt(agent.sequenceFloor ?? "0"),
      adoptedAt: ctx.now(),
      createdAt: new Date(agent.createdAt),
    })),
    skipDuplicates: true,
  });
  // Of one that was here already, the quota here counts.
  await tx.quota.createMany({
    data: agents.flatMap(({ id, quotaBytes }) =>
      quotaBytes === undefined
        ? []
        : [{ subjectId: id, agentId: id, tenantId, meter: "stored" as const, hardBytes: BigInt(quotaBytes) }],
    ),
    skipDuplicates: true,
  });
}

export type AdoptedVolume = AgentDocument["volumes"][number] & { readonly agentId: string };

/**
 * Lists volumes that the catalog lacks. A name that another volume of the agent has already gets the beginning of the id. The file
 * of a managed volume lay in the home of a core: its bytes are in the points, the volume has no path until it is written from one.
 */
export async function insertVolumes(tx: Tx, volumes: readonly AdoptedVolume[], { ctx }: SyncWork): Promise<void> {
  if (volumes.length === 0) return;
  const taken = await tx.volume.findMany({
    where: { agentId: { in: [...new Set(volumes.map(({ agentId }) => agentId))] } },
    select: { agentId: true, name: true, id: true },
  });
  const ids = new Set(taken.map(({ id }) => id));
  const names = new Set(taken.map(({ agentId, name }) => `${agentId} ${name}`));
  const rows: AdoptedVolume[] = [];
  for (const volume of volumes) {
    if (ids.has(volume.id)) continue;
    ids.add(volume.id);
    const isTaken = names.has(`${volume.agentId} ${volume.name}`);
    const name = isTaken ? `${volume.name} (${volume.id.slice(0, 8)})` : volume.name;
    names.add(`${volume.agentId} ${name}`);
    rows.push({ ...volume, name });
  }
  await tx.volume.createMany({
    data: rows.map((volume) => ({
      id: volume.id,
      agentId: volume.agentId,
      name: volume.name,
      kind: volume.kind,
      path: volume.managedBytes === undefined ? (volume.path ?? null) : null,
      excludes: volume.excludes ?? [],
      description: volume.description ?? "",
      managedBytes: volume.managedBytes === undefined ? null : BigInt(volume.managedBytes),
      removedAt: volume.removedAt === undefined ? null : new Date(volume.removedAt),
      createdAt: ctx.now(),
    })),
    skipDuplicates: true,
  });
}
