import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { notFound } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import { BRANCHES } from "./branches";
import { ListOperationsInput, Operation } from "./schemas";

/** What this core was asked to do, newest first, whatever keeps it. `total` counts all that fit. */
export async function listOperations(
  ctx: EngineContext,
  given: ListOperationsInput,
): Promise<{ items: Operation[]; total: number }> {
  const input = ListOperationsInput.parse(given);
  const branches = BRANCHES.filter(({ kinds }) => !input.kinds || kinds.some((kind) => input.kinds?.includes(kind)));
  if (branches.length === 0) return { items: [], total: 0 };
  const where = filterOf(input);
  const reach = input.limit + input.offset;
  // Each branch gives no more than the page may need of it, so that the union sorts a page and not everything.
  const newest = branches.map(
    ({ query }) =>
      Prisma.sql`(select * from (${query}) as o where ${where} order by created_at desc, id desc limit ${reach})`,
  );
  const counts = branches.map(({ query }) => Prisma.sql`(select count(*) from (${query}) as o where ${where})`);
  const [rows, counted] = await Promise.all([
    input.limit === 0
      ? []
      : ctx.db.prisma.$queryRaw<OperationRow[]>`
          select * from (${Prisma.join(newest, " union all ")}) as o
          order by created_at desc, id desc limit ${input.limit} offset ${input.offset}`,
    ctx.db.prisma.$queryRaw<[{ total: bigint }]>`select (${Prisma.join(counts, " + ")}) as total`,
  ]);
  return { items: rows.map(toOperation), total: Number(counted[0].total) };
}

/** Throws `not_found`, also for one of another tenant. */
export async function getOperation(
  ctx: EngineContext,
  { id, tenantId }: { id: string; tenantId: string | null },
): Promise<Operation> {
  const { items } = await listOperations(ctx, { id, tenantId, limit: 1 });
  if (!items[0]) throw notFound("operation");
  return items[0];
}

function filterOf(input: ListOperationsInput): Prisma.Sql {
  const wanted: (Prisma.Sql | false)[] = [
    Prisma.sql`true`,
    input.tenantId !== null &&
      Prisma.sql`(o.tenant_id = ${input.tenantId}::uuid or (o.tenant_id is null and o.agent_id is null))`,
    input.id !== undefined && Prisma.sql`o.id = ${input.id}::uuid`,
    input.kinds !== undefined && Prisma.sql`o.kind = any(${input.kinds})`,
    input.states !== undefined && Prisma.sql`o.state = any(${input.states})`,
    input.repositoryId !== undefined && Prisma.sql`o.repository_id = ${input.repositoryId}::uuid`,
    input.repositoryName !== undefined && Prisma.sql`o.repository_name = ${input.repositoryName}`,
    input.resourceId !== undefined &&
      Prisma.sql`(o.agent_id = ${input.resourceId}::uuid or o.volume_id = ${input.resourceId}::uuid)`,
    input.resourceName !== undefined &&
      Prisma.sql`(o.agent_name = ${input.resourceName} or o.volume_name = ${input.resourceName})`,
    input.from !== undefined && Prisma.sql`o.created_at >= ${input.from}`,
    input.to !== undefined && Prisma.sql`o.created_at <= ${input.to}`,
  ];
  return Prisma.join(
    wanted.filter((one) => one !== false),
    " and ",
  );
}

interface OperationRow {
  id: string;
  kind: Operation["kind"];
  state: Operation["state"];
  tenant_id: string | null;
  repository_id: string | null;
  repository_name: string | null;
  agent_id: string | null;
  agent_name: string | null;
  point_id: string | null;
  image_id: string | null;
  volume_name: string | null;
  progress: number;
  failure_code: string | null;
  failure_message: string | null;
  destination_core_id: string | null;
  destination_core: string | null;
  destination_repository_id: string | null;
  added: number;
  removed: number;
  failed: number;
  created_at: Date;
  started_at: Date | null;
  updated_at: Date;
  ended_at: Date | null;
}

const toOperation = (row: OperationRow): Operation =>
  Operation.parse({
    id: row.id,
    kind: row.kind,
    state: row.state,
    tenantId: row.tenant_id,
    repository: row.repository_id && { id: row.repository_id, name: row.repository_name },
    agent: row.agent_id && { id: row.agent_id, name: row.agent_name },
    recoveryPointId: row.point_id,
    image: row.image_id && { id: row.image_id, volumeName: row.volume_name },
    progressPercent: Number(row.progress),
    failure: row.failure_code && { code: row.failure_code, message: row.failure_message ?? "" },
    destination: row.destination_repository_id && {
      coreId: row.destination_core_id,
      coreName: row.destination_core,
      repositoryId: row.destination_repository_id,
    },
    counts: { added: row.added, removed: row.removed, failed: row.failed },
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    updatedAt: row.updated_at.toISOString(),
    endedAt: row.ended_at?.toISOString() ?? null,
  });
