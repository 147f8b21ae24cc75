import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { peerOf } from "@/lib/engine/pairing/caller";
import type { AgentsStorageUsage } from "@/lib/engine/replication/peer-schemas";
import { Prisma } from "@/prisma/generated/client";
import { measureNewAgents } from "./measure-agents";

/** A pairing request holds at most 1,000 agents; a pairing has few of them. */
const AGENTS_MAX = 10_000;

interface Row {
  agent_id: string;
  agent_name: string;
  host_name: string;
  newest_point_at: Date | null;
  oldest_point_at: Date | null;
  recovery_points: number;
  protected_bytes: bigint;
}

/** Target: the newest sample of each of the caller's agents. One that was never measured is measured now. */
export async function getReplicatedAgentsUsage(ctx: EngineContext): Promise<AgentsStorageUsage> {
  const { pairingId } = peerOf(ctx);
  const agents = Prisma.sql`agent.pairing_id = ${pairingId}::uuid`;
  const unmeasured = Prisma.sql`not exists (
    select 1 from usage_entry where agent_id = agent.id and origin = 'measured'
  )`;
  const [{ count }] = await ctx.db.prisma.$queryRaw<[{ count: bigint }]>`
    select count(*) from agent where ${agents} and ${unmeasured}`;
  if (count > 0n) await measureNewAgents(ctx, Prisma.sql`${agents} and ${unmeasured}`);
  const rows = await ctx.db.prisma.$queryRaw<Row[]>`
    select last.* from agent
    cross join lateral (
      select * from usage_entry where agent_id = agent.id and origin = 'measured' order by at desc, id desc limit 1
    ) last
    where ${agents} order by agent.id limit ${AGENTS_MAX}`;
  return {
    agents: rows.map((row) => ({
      id: row.agent_id,
      displayName: row.agent_name,
      hostName: row.host_name,
      newestRpTimestamp: row.newest_point_at?.toISOString() ?? null,
      oldestRpTimestamp: row.oldest_point_at?.toISOString() ?? null,
      recoveryPointCount: row.recovery_points,
      totalBytesProtected: Number(row.protected_bytes),
    })),
  };
}
