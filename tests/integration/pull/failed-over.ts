import { captureBytes } from "../replication/records";
import type { TwoCores } from "../replication/two-cores";

/** Both cores' rows as they are after a failover to the target and a reprotect: the target is current, the source fetches. */
export async function failOver({ source, target, ids }: TwoCores, state: "reprotecting" | "ok" = "ok") {
  await source.db.prisma.replicationSession.update({
    where: { id: ids.sourceSessionId },
    data: { role: "destination", state, epoch: { increment: 1 } },
  });
  await target.db.prisma.replicationSession.update({
    where: { id: ids.targetSessionId },
    data: { role: "source", state, epoch: { increment: 1 } },
  });
  await source.db.prisma.agent.update({
    where: { id: ids.agentId },
    data: { leadPairingId: ids.sourcePairingId },
  });
  await target.db.prisma.agent.update({ where: { id: ids.agentId }, data: { leadPairingId: null } });
}

/** A recovery point that the target captures while it is current. */
export function captureThere({ target, ids }: TwoCores, volumes: Record<string, Buffer>): Promise<string> {
  const captured = Object.entries(volumes).map(([name, bytes]) => ({
    volumeId: ids.volumeIds[name] ?? "",
    name,
    bytes,
  }));
  return captureBytes(target.ctx, ids.agentId, captured);
}
