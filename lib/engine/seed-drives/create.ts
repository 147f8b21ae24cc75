import "server-only";
import { rmdir } from "node:fs/promises";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import { actorName, type EngineContext } from "@/lib/engine/context";
import { newPackId as newId } from "@/lib/engine/packs/pack-id";
import { conflict, invalidInput, notFound } from "@/lib/errors";
import { createTask, enqueueTask } from "./begin-task";
import type { Contents } from "./convert";
import { makeDriveKey } from "./encryption";
import { getSeedDrive } from "./list";
import { POINTS_MAX } from "./manifest";
import { checkFolder, makeDriveFolder } from "./place";
import type { CreateSeedDriveInput, SeedDriveSummary } from "./schemas";

interface Chosen {
  agents: Contents;
  points: { id: string; agentId: string; sequence: bigint }[];
}

/**
 * Source: begins to export recovery points of a pairing to a folder. Throws `not_found` for a pairing or agents that are not
 * replicated with it, `invalid_input` for a folder that cannot be, `conflict` when nothing is left to carry.
 */
export async function createSeedDrive(ctx: EngineContext, input: CreateSeedDriveInput): Promise<SeedDriveSummary> {
  await assertSource(ctx, input.pairingId);
  const chosen = await choose(ctx, input);
  const place = await checkFolder(ctx, input.folder);
  const key = input.passphrase ? await makeDriveKey(input.passphrase) : null;
  const id = newId(ctx.now().getTime());
  const folder = await makeDriveFolder(place, id, 1);
  const { agents, points } = chosen;
  const work = async () =>
    withTransaction(ctx.db, async (tx) => {
      await tx.seedDrive.create({
        data: {
          id,
          side: "source",
          pairingId: input.pairingId,
          name: input.name,
          paths: [folder],
          isEncrypted: key !== null,
          recipient: key?.recipient ?? null,
          keyFile: key?.keyFile ?? null,
          contents: agents,
          limitBytes: input.limitBytes === undefined ? null : BigInt(input.limitBytes),
          pointsTotal: points.length,
          createdBy: actorName(ctx.actor),
          createdAt: ctx.now(),
          points: {
            createMany: { data: points.map(({ id: recoveryPointId, ...rest }) => ({ recoveryPointId, ...rest })) },
          },
        },
      });
      await writeAudit(tx, ctx, "seed-drive.create", id, { pairingId: input.pairingId, folder, points: points.length });
      return createTask(tx, ctx, id, "export_seed_drive", {});
    });
  const taskId = await work().catch(async (error: unknown) => {
    await rmdir(folder).catch(() => undefined);
    throw error;
  });
  await enqueueTask(ctx, taskId);
  return getSeedDrive(ctx, { id });
}

async function assertSource(ctx: EngineContext, pairingId: string): Promise<void> {
  const pairing = await ctx.db.prisma.pairing.findUnique({ where: { id: pairingId } });
  if (pairing?.side !== "source") throw notFound("pairing with a target");
  if (pairing.state !== "established")
    throw conflict("This pairing is not established, so no target would take the drive. Pair the cores first.");
}

async function choose(ctx: EngineContext, input: CreateSeedDriveInput): Promise<Chosen> {
  const agentIds = [...new Set(input.agentIds)];
  const sessions = await ctx.db.prisma.replicationSession.findMany({
    where: { pairingId: input.pairingId, side: "source", agentId: { in: agentIds }, state: { not: "ended" } },
    include: { agent: { select: { name: true } } },
  });
  if (sessions.length !== agentIds.length) throw notFound("agent that this pairing replicates");
  const points = await pointsOf(ctx, input, agentIds);
  if (points.length > POINTS_MAX)
    throw invalidInput(`A seed drive carries at most ${POINTS_MAX} recovery points. Choose fewer agents or points.`);
  if (points.length === 0)
    throw conflict("The target holds every recovery point of these agents already. There is nothing to carry.");
  const counts = new Map<string, number>();
  for (const { agentId } of points) counts.set(agentId, (counts.get(agentId) ?? 0) + 1);
  return {
    points,
    agents: sessions.map(({ agentId, agent }) => ({ agentId, name: agent.name, points: counts.get(agentId) ?? 0 })),
  };
}

/** Those that were chosen, or those that are newer than what the target is known to hold; in the order of replication. */
async function pointsOf(
  ctx: EngineContext,
  input: CreateSeedDriveInput,
  agentIds: string[],
): Promise<Chosen["points"]> {
  const select = { id: true, agentId: true, sequence: true } as const;
  if (input.recoveryPointIds) {
    const ids = [...new Set(input.recoveryPointIds)];
    const found = await ctx.db.prisma.recoveryPoint.findMany({
      where: { id: { in: ids }, agentId: { in: agentIds }, lostAt: null },
      orderBy: [{ createdAt: "asc" }, { id: "asc" }],
      select,
    });
    if (found.length !== ids.length) throw notFound("recovery point of these agents");
    return found;
  }
  const { rows } = await ctx.db.pool.query<{ id: string; agent_id: string; sequence: string }>(
    `select p.id, p.agent_id, p.sequence::text from recovery_point p
     join replication_session s on s.agent_id = p.agent_id and s.pairing_id = $1
     left join recovery_point n on n.id = s.newest_point_id
     where p.agent_id = any($2::uuid[]) and p.sequence > coalesce(n.sequence, -1) and p.lost_at is null
     order by p.created_at, p.id limit $3`,
    [input.pairingId, agentIds, POINTS_MAX + 1],
  );
  return rows.map((row) => ({ id: row.id, agentId: row.agent_id, sequence: BigInt(row.sequence) }));
}
