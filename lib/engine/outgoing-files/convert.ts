import { versionOf } from "@/lib/engine/uploads/list";
import type { Prisma } from "@/prisma/generated/client";
import type { OutgoingFileReport } from "./schemas";

export const withTarget = { pairing: { select: { id: true, peerName: true } } } as const;

type Row = Prisma.OutgoingFileGetPayload<{ include: typeof withTarget }>;

export function toReport(row: Row): OutgoingFileReport {
  return {
    id: row.id,
    fileName: row.fileName,
    version: versionOf(row.version),
    target: { pairingId: row.pairing.id, name: row.pairing.peerName },
    state: row.state,
    sizeBytes: Number(row.sizeBytes),
    sentBytes: Number(row.sentBytes),
    failure: row.failureCode ? { code: row.failureCode, message: row.failureMessage ?? "" } : null,
    createdBy: row.createdBy,
    createdAt: row.createdAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}

/** The object that holds a file until it is sent. */
export const outgoingKey = (id: string): string => `outgoing/${id}`;
