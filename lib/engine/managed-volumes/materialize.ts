import "server-only";
import { randomUUID } from "node:crypto";
import { mkdir, truncate } from "node:fs/promises";
import path from "node:path";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import { Counters } from "@/lib/engine/capture/counters";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { openManifest } from "@/lib/engine/manifests";
import { RecordReader } from "@/lib/engine/records/read";
import { ensureDomain } from "@/lib/engine/repositories/open";
import { restoreRaw } from "@/lib/engine/restore/raw";
import { conflict, notFound } from "@/lib/errors";
import { managedFile, removeFile, replaceFile } from "./files";

export interface MaterializeInput {
  readonly agentId: string;
  readonly recoveryPointId: string;
  /** Ends the work between two records; what was there stays as it was. */
  readonly signal?: AbortSignal;
}

/**
 * Writes the images of a recovery point into the disk images that this core keeps for the agent, so that they are what they were at
 * that point and captures go on from there. Each file is replaced as a whole when it is complete and durable; the row points at it after
 * that. May be repeated, also after a crash. Volumes whose files are a person's are left alone. Answers how many were written. Throws
 * `not_found`, `conflict` ("wrong-side") when another core leads the agent, and what reading the repository throws.
 */
export async function materializeVolumes(ctx: EngineContext, input: MaterializeInput): Promise<number> {
  const { agentId, recoveryPointId, signal = new AbortController().signal } = input;
  const point = await ctx.db.prisma.recoveryPoint.findFirst({
    where: { id: recoveryPointId, agentId },
    include: {
      images: { include: { volume: true }, orderBy: { id: "asc" } },
      agent: { include: { leadPairing: true } },
    },
  });
  if (!point) throw notFound("recovery point of this agent");
  if (point.agent.leadPairing)
    throw conflict(`${point.agent.leadPairing.peerName} is current for "${point.agent.name}".`, "wrong-side");
  const domain = await ensureDomain(ctx, { repositoryId: point.repositoryId, tenantId: point.agent.tenantId });
  const managed = point.images.filter(({ kind, volume }) => kind === "image" && volume.managedBytes !== null);
  for (const image of managed) {
    const file = managedFile(ctx, image.volumeId);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const taskId = randomUUID();
    const ready = `${file}.${taskId}`;
    const manifest = await openManifest(domain, image.id);
    const counters = new Counters("restoring contents");
    try {
      await restoreRaw({ manifest, reader: new RecordReader(ctx, domain), place: ready, taskId, counters, signal });
      // It may have been declared larger than it was when the point was made.
      const sizeBytes = Number(image.volume.managedBytes);
      if (sizeBytes > Number(image.sizeBytes)) await truncate(ready, sizeBytes);
      await replaceFile(ready, file);
    } finally {
      await removeFile(ready);
    }
    await ctx.db.prisma.volume.update({ where: { id: image.volumeId }, data: { path: file } });
  }
  await withTransaction(ctx.db, async (tx) => {
    await writeAudit(tx, ctx, "volume.materialize", agentId, { recoveryPointId, volumes: managed.length });
    await emitEvent(tx, "agent", agentId);
  });
  return managed.length;
}
