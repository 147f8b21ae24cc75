import "server-only";
import { createHash } from "node:crypto";
import type { EngineContext } from "@/lib/engine/context";
import {
  METADATA_POINTS_MAX,
  type StartMetadataUpdateRequest,
  VOLUMES_MAX,
} from "@/lib/engine/replication/peer-schemas";
import type { TargetCore } from "@/lib/engine/replication/target-core";
import { notFound, TwincoreError } from "@/lib/errors";
import type { ReplicationSession } from "@/prisma/generated/client";
import { policiesOfAgent } from "./policies";

type Told = Pick<ReplicationSession, "id" | "agentId" | "metadataVersion" | "metadataDigest">;

/** Source: is there anything that the target of the session has not been told? Two short queries here, and no call. */
export async function isMetadataNews(ctx: EngineContext, session: Told): Promise<boolean> {
  const { digest, version } = await readAgent(ctx, session.agentId);
  // A target that was told nothing knows name and host from the pairing, and volumes come before points.
  return version > session.metadataVersion || (session.metadataDigest !== null && digest !== session.metadataDigest);
}

/**
 * Source: tells the target the agent as it is now, and all changes of its points since the last time, a page after the other. What
 * was told is kept after each page, so that a break costs one page.
 */
export async function tellMetadata(ctx: EngineContext, target: TargetCore, session: Told): Promise<void> {
  const { rpoSeconds } = await ctx.db.prisma.replicationSession.findUniqueOrThrow({ where: { id: session.id } });
  let since = session.metadataVersion;
  for (let first = true, last = false; !last; first = false) {
    const { facts, changes, digest, upTo, version } = await nextPage(ctx, session.agentId, since);
    await tellPage(target, { agentId: session.agentId, ...(first ? { ...facts, rpoSeconds } : {}), ...changes });
    since = upTo;
    last = upTo >= version;
    await ctx.db.prisma.replicationSession.update({
      where: { id: session.id },
      data: { metadataVersion: since, metadataDigest: digest },
    });
  }
  await forgetDeletions(ctx, session.agentId);
}

/** The agent as it is now, and the next changes of its points after a version. */
export async function nextPage(ctx: EngineContext, agentId: string, since: bigint) {
  const { facts, digest, version } = await readAgent(ctx, agentId);
  return { facts, digest, version, ...(await readChanges(ctx, agentId, since, version)) };
}

async function readAgent(ctx: EngineContext, agentId: string) {
  const agent = await ctx.db.prisma.agent.findUnique({
    where: { id: agentId },
    include: { volumes: { orderBy: { id: "asc" }, take: VOLUMES_MAX } },
  });
  if (!agent) throw notFound("agent");
  const facts = {
    displayName: agent.name,
    hostName: agent.hostName,
    labels: agent.labels,
    description: agent.description,
    ...(agent.isSingleVolume ? { isSingleVolume: true } : {}),
    policies: await policiesOfAgent(ctx, agentId),
    volumes: agent.volumes.map(({ id, name, kind, managedBytes, description }) => ({
      id,
      displayName: name,
      volumeKind: kind,
      ...(managedBytes === null ? {} : { managedBytes: Number(managedBytes) }),
      ...(description === "" ? {} : { description }),
    })),
  };
  const digest = createHash("sha256").update(JSON.stringify(facts)).digest("hex");
  return { facts, digest, version: agent.metadataVersion };
}

interface Change {
  id: string;
  version: bigint;
  /** null: it was deleted. */
  label: string | null;
  locked: boolean | null;
}

/** The next changes of points after a version, in order; each has a version of its own. */
async function readChanges(ctx: EngineContext, agentId: string, since: bigint, version: bigint) {
  const rows = await ctx.db.prisma.$queryRaw<Change[]>`
    select id, metadata_version as version, label, locked from recovery_point
    where agent_id = ${agentId}::uuid and metadata_version > ${since} and metadata_version <= ${version}
    union all
    select id, metadata_version, null, null from deleted_recovery_point
    where agent_id = ${agentId}::uuid and metadata_version > ${since} and metadata_version <= ${version}
    order by version limit ${METADATA_POINTS_MAX}`;
  const last = rows.length < METADATA_POINTS_MAX ? undefined : rows.at(-1);
  const changes = {
    recoveryPoints: rows.flatMap(({ id, label, locked }) =>
      label === null || locked === null ? [] : [{ id, label, locked }],
    ),
    deletedRecoveryPointIds: rows.filter(({ label }) => label === null).map(({ id }) => id),
  };
  return { changes, upTo: last?.version ?? version };
}

async function tellPage(target: TargetCore, request: StartMetadataUpdateRequest): Promise<void> {
  await target.startMetadataUpdate(request);
  const { status, failureReason } = await target.metadataUpdateProgress({ agentId: request.agentId });
  if (status !== "Succeeded")
    throw new TwincoreError(
      "unavailable",
      `The target could not take over the agent's metadata: ${failureReason?.message ?? status}`,
    );
}

/** Deletions that every target has heard of are of no more use, unless a seed drive is still to bring such points. */
export async function forgetDeletions(ctx: EngineContext, agentId: string): Promise<void> {
  const contents = { array_contains: [{ agentId }] };
  const travelling = await ctx.db.prisma.seedDrive.count({
    where: { side: "source", state: { in: ["exporting", "waiting", "outstanding"] }, contents },
  });
  if (travelling > 0) return;
  await ctx.db.prisma.$executeRaw`
    delete from deleted_recovery_point where agent_id = ${agentId}::uuid and metadata_version <= (
      select min(metadata_version) from replication_session
      where agent_id = ${agentId}::uuid and (side = 'source' or role = 'source') and state <> 'ended'
    )`;
}
