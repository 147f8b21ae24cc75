import "server-only";
import type { EngineContext } from "@/lib/engine/context";

/** Pairings looked at by one sweep. */
const PAIRINGS_MAX = 1_000;
const KEPT_DAYS = 92;
/** Deleted by one sweep; the rest goes with the next ones. */
const BATCH = 20_000;

/** Goes on with what waits, also after a restart, and forgets what ended long ago. Part of the sweep. */
export async function sweepVaultReplications(ctx: EngineContext): Promise<void> {
  const active = await ctx.db.prisma.$queryRaw<{ pairing_id: string }[]>`
    select distinct pairing_id from replication_record where state in ('waiting', 'replicating') limit ${PAIRINGS_MAX}`;
  for (const { pairing_id } of active)
    await ctx.enqueue("drive-vault-replications", { pairingId: pairing_id }, { key: pairing_id });
  const oldest = new Date(ctx.now().getTime() - KEPT_DAYS * 86_400_000);
  await ctx.db.prisma.$executeRaw`
    delete from replication_record where id in (
      select id from replication_record
      where created_at < ${oldest} and state in ('succeeded', 'failed', 'skipped') order by created_at limit ${BATCH})`;
  await ctx.db.prisma.$executeRaw`
    delete from vault_replication v where created_at < ${oldest}
      and not exists (select from replication_record r where r.vault_replication_id = v.id)`;
}
