import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { Prisma } from "@/prisma/generated/client";
import type { CountedUsage } from "./compute";
import type { StatementDay } from "./schemas";

/** A day of a statement as the database has it; figures that may be large are text. */
export interface DayRow {
  id: bigint;
  day: string;
  agentId: string;
  agentName: string;
  repositoryId: string;
  repositoryName: string;
  sourceName: string;
  measuredSeconds: number;
  missingSeconds: number;
  agentSeconds: number;
  protectedByteSeconds: string;
  storedByteSeconds: string;
  transferredBytes: bigint;
  recoveryPointsMax: number;
  reportedBytes: bigint | null;
}

/**
 * The days of a statement as a table of a query: the frozen ones of a final statement, those of the roll-up for a draft. `isFinal`
 * says which, so that each is read by its own index.
 */
export const daysTable = (statementId: string, isFinal: boolean): Prisma.Sql =>
  isFinal
    ? Prisma.sql`(select * from statement_day where statement_id = ${statementId}::uuid)`
    : Prisma.sql`(
        select d.id, s.id as statement_id, d.day, d.agent_id, d.agent_name, d.repository_id, coalesce(r.name, '') as repository_name,
          coalesce(p.peer_name, '') as source_name, d.measured_seconds, d.missing_seconds, d.agent_seconds,
          d.protected_byte_seconds, d.stored_byte_seconds, d.transferred_bytes, d.recovery_points_max,
          case when d.pairing_id is not null then (
            select max(e.protected_bytes) from usage_entry e
            where e.agent_id = d.agent_id and e.origin = 'reported' and e.at >= d.begins_at and e.at < d.ends_at) end as reported_bytes
        from statement s join usage_day d on d.tenant_id = s.tenant_id and d.day >= (s.month || '-01')::date
          and d.day < (s.month || '-01')::date + interval '1 month'
        left join repository r on r.id = d.repository_id left join pairing p on p.id = d.pairing_id
        where s.id = ${statementId}::uuid)`;

export const dayColumns = Prisma.sql`d.id, d.day::text as "day", d.agent_id as "agentId", d.agent_name as "agentName",
  d.repository_id as "repositoryId", d.repository_name as "repositoryName", d.source_name as "sourceName",
  d.measured_seconds as "measuredSeconds", d.missing_seconds as "missingSeconds", d.agent_seconds as "agentSeconds",
  d.protected_byte_seconds::text as "protectedByteSeconds", d.stored_byte_seconds::text as "storedByteSeconds",
  d.transferred_bytes as "transferredBytes", d.recovery_points_max as "recoveryPointsMax", d.reported_bytes as "reportedBytes"`;

export const toDay = ({ id, transferredBytes, reportedBytes, ...row }: DayRow): StatementDay => ({
  ...row,
  transferredBytes: Number(transferredBytes),
  reportedBytes: reportedBytes === null ? null : Number(reportedBytes),
});

/** What the frozen days of a final statement come to. */
export async function countDays(ctx: EngineContext, statementId: string): Promise<CountedUsage> {
  const [row] = await ctx.db.prisma.$queryRaw<Record<keyof CountedUsage, string>[]>`
    select coalesce(sum(stored_byte_seconds), 0)::text as "storedByteSeconds",
      coalesce(sum(protected_byte_seconds), 0)::text as "protectedByteSeconds",
      coalesce(sum(transferred_bytes), 0)::text as "transferredBytes", coalesce(sum(agent_seconds), 0)::text as "agentSeconds",
      coalesce(sum(missing_seconds), 0)::text as "missingSeconds"
    from statement_day where statement_id = ${statementId}::uuid`;
  const figure = (name: keyof CountedUsage) => BigInt(row?.[name] ?? 0);
  return {
    storedByteSeconds: figure("storedByteSeconds"),
    protectedByteSeconds: figure("protectedByteSeconds"),
    transferredBytes: figure("transferredBytes"),
    agentSeconds: figure("agentSeconds"),
    missingSeconds: figure("missingSeconds"),
  };
}
