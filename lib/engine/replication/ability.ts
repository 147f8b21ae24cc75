import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { requireReplicatedAgent } from "@/lib/engine/image-sessions/find";
import { checkRoom, type RoomCheck } from "@/lib/engine/image-sessions/room";
import { peerOf } from "@/lib/engine/pairing/caller";
import { findRoomAgain } from "@/lib/engine/quotas";
import { ensureDomain } from "@/lib/engine/repositories/open";
import { conflict, toTwincoreError } from "@/lib/errors";
import type { ReplicatedAgents, ReplicationAbility } from "./peer-schemas";

/** A pairing request holds at most 1,000 agents; a pairing has few of them. */
const AGENTS_MAX = 10_000;

type Check = ReplicationAbility["checks"][number];

/**
 * Target: may the agent be replicated just now? Every check is named, so that what is wrong can be shown. Throws conflict that
 * names what fails, unless the caller asked for the report.
 */
export async function verifyReplicationAbility(
  ctx: EngineContext,
  input: { agentId: string; report: boolean },
): Promise<ReplicationAbility> {
  const ability = await abilityOf(ctx, input);
  const failed = ability.checks.filter(({ passed }) => !passed);
  if (failed.length === 0 || input.report) return ability;
  const names = failed.map(({ name }) => name).join(", ");
  throw conflict(
    `This agent cannot be replicated just now (${names}). ${failed.map(({ name, message }) => `${name}: ${message}`).join(" ")}`,
  );
}

async function abilityOf(ctx: EngineContext, input: { agentId: string }): Promise<ReplicationAbility> {
  const agent = await requireReplicatedAgent(ctx, input.agentId);
  const session = await ctx.db.prisma.replicationSession.findUnique({
    where: { agentId_pairingId: { agentId: agent.id, pairingId: agent.pairingId } },
  });
  const paused = session?.state === "paused" && session.pausedBy === "target";
  const checks = [check("agent", null), check("state", paused ? "The target's operator has paused this agent." : null)];
  const maxTransferSpeed = await ownRateCap(ctx, agent.pairingId);
  try {
    const domain = await ensureDomain(ctx, agent);
    // One byte more: is anything at all left?
    const room = await checkRoom(ctx, domain, agent.id, 1);
    return { maxTransferSpeed, checks: [...checks, check("repository", null), ...roomChecks(room)] };
  } catch (thrown) {
    const { message } = toTwincoreError(thrown);
    return {
      maxTransferSpeed,
      checks: [...checks, check("repository", message), ...roomChecks({ quota: null, space: null })],
    };
  }
}

/** The cap that people here set for the pairing; the source keeps to it, and to its own. */
export async function ownRateCap(ctx: EngineContext, pairingId: string): Promise<number | null> {
  const pairing = await ctx.db.prisma.pairing.findUnique({
    where: { id: pairingId },
    select: { rateCapBytesPerSecond: true },
  });
  const cap = pairing?.rateCapBytesPerSecond ?? null;
  return cap === null ? null : Number(cap);
}

const check = (name: Check["name"], message: string | null): Check => ({
  name,
  passed: message === null,
  message: message ?? "",
});

const roomChecks = ({ space, quota }: RoomCheck): Check[] => [check("space", space), check("quota", quota)];

/** Target: the caller's agents here, and what people here want of them. */
export async function getReplicatedAgents(ctx: EngineContext): Promise<ReplicatedAgents> {
  const { pairingId } = peerOf(ctx);
  const agents = await ctx.db.prisma.agent.findMany({
    where: { pairingId, deletionAskedAt: null },
    include: { sessions: { where: { pairingId } } },
    orderBy: { id: "asc" },
    take: AGENTS_MAX,
  });
  const ahead = await agentsAhead(ctx, pairingId);
  // Quotas kept their data out, and would not any more.
  const fitting = new Set(await findRoomAgain(ctx, { pairingId }));
  return {
    agents: agents.map((agent) => {
      const session = agent.sessions[0];
      const paused = session?.state === "paused" && session.pausedBy === "target";
      return {
        id: agent.id,
        displayName: agent.name,
        hostName: agent.hostName,
        repositoryId: agent.repositoryId,
        replicationState: paused ? ("Paused" as const) : ("Active" as const),
        isRunRequested: Boolean(session?.nextRunAt) || ahead.has(agent.id) || fitting.has(agent.id),
      };
    }),
  };
}

/** Agents that this core is current for, and of which it has what the caller has not fetched yet. */
async function agentsAhead(ctx: EngineContext, pairingId: string): Promise<Set<string>> {
  const rows = await ctx.db.prisma.$queryRaw<{ agent_id: string }[]>`
    select s.agent_id from replication_session s join agent a on a.id = s.agent_id
    where s.pairing_id = ${pairingId}::uuid and s.side = 'target' and s.role = 'source' and (
      a.metadata_version > s.metadata_version or exists (
        select 1 from recovery_point p
        where p.agent_id = s.agent_id and p.missing_volumes = '{}' and p.deleted_on_source_at is null
          and p.sequence > coalesce((select sequence from recovery_point where id = s.newest_point_id), -1)
      )
    )
    limit ${AGENTS_MAX}`;
  return new Set(rows.map(({ agent_id }) => agent_id));
}
