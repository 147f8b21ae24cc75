import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { reportQuotas } from "@/lib/engine/quotas/report";
import { type FoundAlert, ID_CEILING, ID_FLOOR, reconcileAlerts } from "../reconcile";
import { judgeQuotas, type WatchedQuotas } from "./judge-quota";

const KINDS = ["quota-soft", "quota-hard"] as const;
/** Subjects with quotas that are held in memory at once: about 1 MB. */
const BATCH = 1_000;

interface Row {
  id: string;
  name: string;
  tenantId: string;
  waiting: bigint;
}

/**
 * One alert for each tenant and agent that comes near its quotas, uses the overage, or whose data are refused; cleared when that is
 * over. A few questions for each thousand that have quotas; those without are not read.
 */
export async function watchQuotas(ctx: EngineContext): Promise<void> {
  for (const kind of ["tenant", "agent"] as const) {
    let after = ID_FLOOR;
    while (after !== ID_CEILING) {
      const rows = await (kind === "tenant" ? readTenants(ctx, after) : readAgents(ctx, after));
      const upTo = rows.length < BATCH ? ID_CEILING : (rows.at(-1)?.id ?? ID_CEILING);
      await reconcileAlerts(ctx, { kinds: KINDS, subjectKind: kind, after, upTo }, await judge(ctx, kind, rows));
      after = upTo;
    }
  }
}

async function judge(ctx: EngineContext, kind: "tenant" | "agent", rows: readonly Row[]): Promise<FoundAlert[]> {
  const ids = rows.map(({ id }) => id);
  const standing = await reportQuotas(ctx, kind, ids, { predicts: false });
  const judged = rows.flatMap((row) => withAlert(kind, row, standing));
  // The ledger is asked about those alone of which people are told.
  const reports = await reportQuotas(
    ctx,
    kind,
    judged.map(({ id }) => id),
  );
  return judged.flatMap((row) => judgeQuotas(watched(kind, row, reports)) ?? []);
}

const withAlert = (kind: "tenant" | "agent", row: Row, reports: Awaited<ReturnType<typeof reportQuotas>>): Row[] =>
  judgeQuotas(watched(kind, row, reports)) ? [row] : [];

const watched = (
  kind: "tenant" | "agent",
  { waiting, ...row }: Row,
  reports: Awaited<ReturnType<typeof reportQuotas>>,
): WatchedQuotas => ({ ...row, kind, quotas: reports.get(row.id) ?? [], waiting: Number(waiting) });

function readTenants(ctx: EngineContext, after: string): Promise<Row[]> {
  // Of an agent that has a quota of its own for what is refused, its own alert tells.
  return ctx.db.prisma.$queryRaw<Row[]>`
    select t.id, t.name, t.id as "tenantId", (
      select count(*) from quota_refusal r where r.tenant_id = t.id
        and not exists (select 1 from quota own where own.subject_id = r.agent_id and own.meter = r.meter and own.hard_bytes is not null)
    ) as waiting
    from tenant t where t.id > ${after}::uuid and exists (select 1 from quota q where q.subject_id = t.id)
    order by t.id limit ${BATCH}`;
}

function readAgents(ctx: EngineContext, after: string): Promise<Row[]> {
  return ctx.db.prisma.$queryRaw<Row[]>`
    select a.id, a.name, a.tenant_id as "tenantId", (
      select count(*) from quota_refusal r where r.agent_id = a.id
        and exists (select 1 from quota own where own.subject_id = a.id and own.meter = r.meter and own.hard_bytes is not null)
    ) as waiting
    from agent a where a.id > ${after}::uuid and a.deletion_asked_at is null
      and exists (select 1 from quota q where q.subject_id = a.id)
    order by a.id limit ${BATCH}`;
}
