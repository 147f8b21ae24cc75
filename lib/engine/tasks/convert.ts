import type { Prisma } from "@/prisma/generated/client";
import type { TaskReport } from "./schemas";

export const withAgent = { agent: { select: { id: true, name: true } } } satisfies Prisma.TaskInclude;
export type TaskRow = Prisma.TaskGetPayload<{ include: typeof withAgent }>;

export function toTaskReport(row: TaskRow): TaskReport {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    phase: row.phase,
    agent: row.agent,
    recoveryPointId: row.recoveryPointId,
    bytesDone: Number(row.bytesDone),
    bytesTotal: row.bytesTotal === null ? null : Number(row.bytesTotal),
    filesDone: row.filesDone,
    savedBytes: Number(row.savedBytes),
    rateBytesPerSecond: Number(row.rateBytesPerSecond),
    failure: row.failureCode === null ? null : { code: row.failureCode, message: row.failureMessage ?? "" },
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}
