import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { askDestination } from "@/lib/engine/vault-replications/destinations";

/** What the other cores said of their storage is at most so old, as long as they answer. */
const FRESH_SECONDS = 900;
/** Asked by one sweep; the rest by the next one. */
const PAIRINGS_MAX = 50;
const AT_ONCE = 8;

/** Source: asks the targets for their storage that did not say anything of it lately. Part of the sweep. */
export async function refreshDestinations(ctx: EngineContext): Promise<void> {
  if (!ctx.peers) return;
  const now = ctx.now();
  const queue = await ctx.db.prisma.$queryRaw<{ id: string; peerCoreId: string | null; peerName: string }[]>`
    select p.id, p.peer_core_id as "peerCoreId", p.peer_name as "peerName" from pairing p
    left join lateral (select max(at) as at from repository_report where pairing_id = p.id) said on true
    where p.side = 'source' and p.state = 'established'
      and coalesce(said.at, '-infinity') < ${new Date(now.getTime() - FRESH_SECONDS * 1000)}
    order by said.at nulls first, p.id limit ${PAIRINGS_MAX}`;
  const work = async () => {
    for (let pairing = queue.shift(); pairing; pairing = queue.shift()) await askDestination(ctx, pairing);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
