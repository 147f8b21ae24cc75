import "server-only";
import type { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import { getPointProgress } from "@/lib/engine/recovery-points";
import { captureRepository } from "@/lib/engine/tasks";
import type { VendorCall } from "../../row";
import { toCheckpoint, toStartedCheckpoint } from "../convert/checkpoint";
import { projectOf } from "../project";
import type { CheckpointInput, CreateCheckpointInput } from "../schemas/backups";

export async function createCheckpoint(
  ctx: EngineContext,
  { project_id, body }: z.output<typeof CreateCheckpointInput>,
  call: VendorCall,
) {
  const tenantId = await projectOf(ctx, call, project_id);
  const { vault_id, parameters } = body.checkpoint;
  const named = [...(parameters?.resources ?? []), ...(parameters?.resource_details ?? []).map(({ id }) => id)];
  const capture = await captureRepository(ctx, {
    repositoryId: vault_id,
    tenantId,
    agentIds: named.length > 0 ? [...new Set(named)] : undefined,
  });
  const words = { name: parameters?.name ?? "", description: parameters?.description ?? "" };
  return { body: { checkpoint: toStartedCheckpoint(capture, tenantId, words) } };
}

export async function getCheckpoint(
  ctx: EngineContext,
  { project_id, checkpoint_id }: z.output<typeof CheckpointInput>,
  call: VendorCall,
) {
  const tenantId = await projectOf(ctx, call, project_id);
  return { body: { checkpoint: toCheckpoint(await getPointProgress(ctx, { id: checkpoint_id, tenantId }), tenantId) } };
}
