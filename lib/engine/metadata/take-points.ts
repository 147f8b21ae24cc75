import "server-only";
import type { Tx } from "@/lib/db/client";
import { emitEvents } from "@/lib/engine/events/emit";
import type { KeptRequest } from "./items";

/** Labels and locks of the agent's points; and of those that are still on their way, in what was declared of them. */
export async function takePoints(
  tx: Tx,
  agentId: string,
  points: NonNullable<KeptRequest["recoveryPoints"]>,
): Promise<void> {
  const said = JSON.stringify(points);
  const changed = await tx.$queryRaw<{ id: string }[]>`
    update recovery_point p
    set label = coalesce(said.label, p.label), locked = coalesce(said.locked, p.locked), deleted_on_source_at = null
    from jsonb_to_recordset(${said}::jsonb) as said (id uuid, label text, locked boolean)
    where p.id = said.id and p.agent_id = ${agentId}::uuid
    returning p.id`;
  await tx.$executeRaw`
    update image_session s
    set declared = jsonb_set(s.declared, '{point}', (s.declared -> 'point') || (said.said - 'id'))
    from (select (one ->> 'id')::uuid as id, one as said from jsonb_array_elements(${said}::jsonb) as one) said
    where s.recovery_point_id = said.id and s.agent_id = ${agentId}::uuid and s.state in ('open', 'committing', 'committed')
      and not exists (select 1 from recovery_point p where p.id = said.id)`;
  await emitEvents(
    tx,
    "recovery-point",
    changed.map(({ id }) => id),
  );
}

/** Marks points that the source has deleted. A lock that stood there was lifted before. Nothing is removed here. */
export async function takeDeletions(tx: Tx, agentId: string, ids: readonly string[], at: Date): Promise<void> {
  const changed = await tx.$queryRaw<{ id: string }[]>`
    update recovery_point set deleted_on_source_at = ${at}, locked = false
    where id = any(${[...ids]}::uuid[]) and agent_id = ${agentId}::uuid and deleted_on_source_at is null
    returning id`;
  await emitEvents(
    tx,
    "recovery-point",
    changed.map(({ id }) => id),
  );
}
