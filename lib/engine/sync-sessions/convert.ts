import { z } from "zod";
import type { Prisma } from "@/prisma/generated/client";
import { SyncProblem, type SyncSessionDetail, type SyncSessionSummary } from "./schemas";

export const withRepository = {
  repository: { select: { id: true, name: true } },
} satisfies Prisma.SyncSessionInclude;

type DetailRow = Prisma.SyncSessionGetPayload<{ include: typeof withRepository }>;
type SummaryRow = Omit<DetailRow, "problems" | "cursor">;

export function toSummary(row: SummaryRow): SyncSessionSummary {
  return {
    id: row.id,
    repository: row.repository,
    state: row.state,
    phase: row.phase,
    verifyRecords: row.verifyRecords,
    progressPercent: percentOf(row),
    filesDone: row.filesDone,
    filesTotal: row.filesTotal,
    bytesDone: Number(row.bytesDone),
    bytesTotal: Number(row.bytesTotal),
    rateFilesPerSecond: row.rateFilesPerSecond,
    rateBytesPerSecond: Number(row.rateBytesPerSecond),
    packsAdopted: row.packsAdopted,
    packsLost: row.packsLost,
    recordsLost: row.recordsLost,
    pointsAdopted: row.pointsAdopted,
    pointsLost: row.pointsLost,
    pointsFound: row.pointsFound,
    documentsWritten: row.documentsWritten,
    problemCount: row.problemCount,
    isStopping: row.state === "running" && row.stopRequestedAt !== null,
    failure: row.failureCode === null ? null : { code: row.failureCode, message: row.failureMessage ?? "" },
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}

export const toDetail = (row: DetailRow): SyncSessionDetail => ({
  ...toSummary(row),
  problems: z.array(SyncProblem).catch([]).parse(row.problems),
});

/** What opening a file costs beside reading it, as bytes: so that neither thousands of small files nor one large one lie. */
const FILE_COST_BYTES = 256 * 1024;

type Progress = Pick<SummaryRow, "state" | "verifyRecords" | "filesDone" | "filesTotal" | "bytesDone" | "bytesTotal">;

/** Of what was counted first: files, and where every record is read their bytes too. Files may come and go meanwhile. */
export function percentOf({ state, verifyRecords, filesDone, filesTotal, bytesDone, bytesTotal }: Progress): number {
  if (state === "succeeded") return 100;
  const weigh = (files: number, bytes: bigint) => (verifyRecords ? files * FILE_COST_BYTES + Number(bytes) : files);
  const total = weigh(filesTotal, bytesTotal);
  return total === 0 ? 0 : Math.min(99, Math.floor((100 * weigh(filesDone, bytesDone)) / total));
}
