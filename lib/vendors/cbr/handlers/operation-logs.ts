import "server-only";
import type { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import { findCore } from "@/lib/engine/core";
import { getOperation, listOperations } from "@/lib/engine/operations";
import type { VendorCall } from "../../row";
import { toOperationKinds, toOperationLog, toOperationStates } from "../convert/operation-log";
import { projectOf } from "../project";
import type { ListOperationLogsInput, OperationLogInput } from "../schemas/backups";

export async function listOperationLogs(
  ctx: EngineContext,
  { project_id, query }: z.output<typeof ListOperationLogsInput>,
  call: VendorCall,
) {
  const tenantId = await projectOf(ctx, call, project_id);
  const { limit, offset } = query;
  const { items, total } = await listOperations(ctx, {
    tenantId,
    limit,
    offset,
    kinds: query.operation_type === undefined ? undefined : toOperationKinds(query.operation_type),
    states: query.status === undefined ? undefined : toOperationStates(query.status),
    repositoryId: query.vault_id,
    repositoryName: query.vault_name,
    resourceId: query.resource_id,
    resourceName: query.resource_name,
    from: query.start_time,
    to: query.end_time,
  });
  const region = (await findCore(ctx)).name;
  const logs = items.map((item) => toOperationLog(item, tenantId, region));
  return { body: { operation_logs: logs, count: total, limit, offset } };
}

export async function getOperationLog(
  ctx: EngineContext,
  { project_id, operation_log_id }: z.output<typeof OperationLogInput>,
  call: VendorCall,
) {
  const tenantId = await projectOf(ctx, call, project_id);
  const operation = await getOperation(ctx, { id: operation_log_id, tenantId });
  return { body: { operation_log: toOperationLog(operation, tenantId, (await findCore(ctx)).name) } };
}
