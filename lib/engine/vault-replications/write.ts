import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvents } from "@/lib/engine/events/emit";
import type { Prisma } from "@/prisma/generated/client";

export interface RecordFailure {
  readonly code: string;
  readonly message: string;
}

/** A record that was touched, and the replication that it belongs to. */
export interface Touched {
  readonly id: string;
  readonly vault_replication_id: string | null;
}

interface Settled {
  /** Of `r`, a record. */
  readonly where: Prisma.Sql;
  readonly state: "succeeded" | "failed" | "skipped";
  readonly failure?: RecordFailure;
}

/** Brings the records under way that `where` selects to their end. What has ended stays as it ended. */
export function settleRecordsWhere(tx: Tx, ctx: EngineContext, { where, state, failure }: Settled): Promise<Touched[]> {
  return tx.$queryRaw<Touched[]>`
    update replication_record r set state = ${state}::replication_record_state, ended_at = ${ctx.now()}, updated_at = ${ctx.now()},
      started_at = case when ${state} = 'skipped' then r.started_at else coalesce(r.started_at, ${ctx.now()}::timestamptz) end,
      progress_percent = case when ${state} = 'succeeded' then 100 else r.progress_percent end,
      failure_code = ${failure?.code ?? null}, failure_message = ${failure?.message ?? null}
    where r.state in ('waiting', 'replicating') and ${where}
    returning r.id, r.vault_replication_id`;
}

/** Puts the records under way that `where` selects back to waiting, and says for what. */
export function noteWaiting(
  tx: Tx,
  ctx: EngineContext,
  { where, failure }: { where: Prisma.Sql; failure: RecordFailure },
): Promise<Touched[]> {
  return tx.$queryRaw<Touched[]>`
    update replication_record r set state = 'waiting', failure_code = ${failure.code}, failure_message = ${failure.message},
      updated_at = ${ctx.now()}
    where r.state in ('waiting', 'replicating') and ${where}
      and (r.state, r.failure_message) is distinct from ('waiting', ${failure.message})
    returning r.id, r.vault_replication_id`;
}

/** Tells open pages, each replication once. */
export async function tellVaults(tx: Tx, touched: readonly Touched[]): Promise<void> {
  const subjects = new Set(touched.map(({ id, vault_replication_id }) => vault_replication_id ?? id));
  if (subjects.size > 0) await emitEvents(tx, "vault-replication", [...subjects]);
}
