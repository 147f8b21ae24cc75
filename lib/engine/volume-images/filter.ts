import { Prisma } from "@/prisma/generated/client";
import type { ListVolumeImagesInput } from "./schemas";

export const NAME = Prisma.sql`(case when p.label <> '' then p.label else a.name || ' ' || p.sequence end)`;

export const STATE = Prisma.sql`(case
  when a.deletion_asked_at is not null then 'deleting'
  when p.lost_at is not null then 'lost'
  when exists (select 1 from task t where t.agent_id = a.id and t.kind = 'restore' and t.recovery_point_id = p.id
    and t.state in ('queued', 'running')) then 'restoring'
  else 'available' end)`;

type Filter = Omit<ListVolumeImagesInput, "limit" | "offset" | "orderBy" | "descending" | "afterId">;

/** What a list of images asks for, as a condition over i (image), p (recovery point), v (volume) and a (agent). */
export function filterOf(input: Filter): Prisma.Sql {
  const wanted: (Prisma.Sql | false)[] = [
    // What a failover test works on is nobody's backup.
    Prisma.sql`a.kind <> 'test_copy'`,
    input.tenantId !== null && Prisma.sql`a.tenant_id = ${input.tenantId}::uuid`,
    input.id !== undefined && Prisma.sql`i.id = ${input.id}::uuid`,
    input.recoveryPointId !== undefined && Prisma.sql`p.id = ${input.recoveryPointId}::uuid`,
    input.repositoryId !== undefined && Prisma.sql`p.repository_id = ${input.repositoryId}::uuid`,
    input.resourceId !== undefined &&
      Prisma.sql`(v.id = ${input.resourceId}::uuid or a.id = ${input.resourceId}::uuid)`,
    input.resourceName !== undefined && Prisma.sql`(v.name = ${input.resourceName} or a.name = ${input.resourceName})`,
    input.name !== undefined && Prisma.sql`${NAME} = ${input.name}`,
    input.kinds !== undefined && Prisma.sql`i.kind::text = any(${input.kinds})`,
    input.isReplica !== undefined && Prisma.sql`(a.lead_pairing_id is not null) = ${input.isReplica}`,
    input.isIncremental !== undefined && Prisma.sql`(p.sequence > 1) = ${input.isIncremental}`,
    input.states !== undefined && Prisma.sql`${STATE} = any(${input.states})`,
    input.from !== undefined && Prisma.sql`p.created_at >= ${input.from}`,
    input.to !== undefined && Prisma.sql`p.created_at <= ${input.to}`,
  ];
  return Prisma.join(
    wanted.filter((one) => one !== false),
    " and ",
  );
}
