import { z } from "zod";
import type { Prisma } from "@/prisma/generated/client";
import type { SeedDriveSummary } from "./schemas";

const ACTIVE = ["queued", "running"] as const;

export const withPairing = {
  pairing: { select: { id: true, peerName: true } },
  tasks: { where: { state: { in: [...ACTIVE] } }, orderBy: { id: "desc" }, take: 1 },
} satisfies Prisma.SeedDriveInclude;

/** Agents of a drive as its row keeps them. */
export const Contents = z.array(z.object({ agentId: z.string(), name: z.string(), points: z.number() }));
export type Contents = z.infer<typeof Contents>;

type Row = Prisma.SeedDriveGetPayload<{ include: typeof withPairing }>;

export function toSummary(row: Row): SeedDriveSummary {
  const [task] = row.tasks;
  return {
    id: row.id,
    name: row.name,
    side: row.side,
    state: row.state,
    pairing: row.pairing,
    folders: row.paths,
    isEncrypted: row.isEncrypted,
    agents: Contents.parse(row.contents),
    limitBytes: row.limitBytes === null ? null : Number(row.limitBytes),
    pointsTotal: row.pointsTotal,
    pointsDone: row.pointsDone,
    bytesDone: Number(row.bytesDone),
    bytesTotal: Number(row.bytesTotal),
    recordsDone: Number(row.recordsDone),
    positionsDone: row.positionsDone,
    positionsTotal: row.positionsTotal,
    failure: row.failureMessage === null ? null : { code: row.failureCode ?? "integrity", message: row.failureMessage },
    task: task ? toTask(task) : null,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    writtenAt: row.writtenAt?.toISOString() ?? null,
    consumedAt: row.consumedAt?.toISOString() ?? null,
  };
}

function toTask(task: Row["tasks"][number]): NonNullable<SeedDriveSummary["task"]> {
  return {
    id: task.id,
    state: task.state,
    phase: task.phase,
    bytesDone: Number(task.bytesDone),
    bytesTotal: task.bytesTotal === null ? null : Number(task.bytesTotal),
    rateBytesPerSecond: Number(task.rateBytesPerSecond),
  };
}
