import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { peerOf } from "@/lib/engine/pairing/caller";
import { openRepository } from "@/lib/engine/repositories/open";
import { conflict, TwincoreError } from "@/lib/errors";
import { FILE_BYTES_MAX, FILES_MAX, OPEN_UPLOADS_MAX, PEER_BYTES_MAX, PIECE_BYTES_MAX, RESERVE_BYTES } from "./bounds";
import { md5Bytes } from "./digest";
import { lockPairingFiles } from "./find";
import type { FileReceiveRequest, FileReceiveResponse } from "./peer-schemas";

/**
 * Begins the upload of a file. Asked again before any piece came, it gives the same upload; afterwards a new one, and the one
 * before for the same name and version is cancelled. Throws `too_large`, `too_many_requests`, `storage_full` before
 * anything is sent, and `conflict` when the pairing has no repository here.
 */
export async function startUpload(ctx: EngineContext, input: FileReceiveRequest): Promise<FileReceiveResponse> {
  const { pairingId } = peerOf(ctx);
  if (input.fileSize > FILE_BYTES_MAX)
    throw new TwincoreError("too_large", `A file has at most ${FILE_BYTES_MAX} bytes here.`);
  const repositoryId = await repositoryOf(ctx, pairingId);
  await assertSpace(ctx, repositoryId, input.fileSize);
  const id = await withTransaction(ctx.db, async (tx) => {
    await lockPairingFiles(tx, pairingId);
    const again = await supersede(tx, pairingId, input);
    if (again) return again;
    await assertBounds(tx, pairingId, input.fileSize);
    return createSession(ctx, tx, { ...input, pairingId, repositoryId });
  });
  return { uploadSessionId: id, maxBlockSize: PIECE_BYTES_MAX };
}

/** Where the pairing's files go: to the repository of its first agent. */
async function repositoryOf(ctx: EngineContext, pairingId: string): Promise<string> {
  const { prisma } = ctx.db;
  const agent = await prisma.agent.findFirst({ where: { pairingId }, orderBy: { id: "asc" } });
  if (agent) return agent.repositoryId;
  const wanted = await prisma.pairingAgent.findFirst({
    where: { pairingId, state: "approved", repositoryId: { not: null } },
    orderBy: { agentId: "asc" },
  });
  if (wanted?.repositoryId) return wanted.repositoryId;
  throw conflict(
    "No agent of this pairing has a repository on this core, so there is no place for files. Add one first.",
  );
}

/** While a file is put together, its pieces and itself are there. */
async function assertSpace(ctx: EngineContext, repositoryId: string, bytes: number): Promise<void> {
  const { storage } = await openRepository(ctx, repositoryId);
  const { freeBytes } = await storage.space();
  if (freeBytes - 2 * bytes < RESERVE_BYTES)
    throw new TwincoreError("storage_full", "The disk of the target's repository has no room for this file.", {
      detail: "space",
    });
}

/** Open uploads of the same name and version: the one that waits for its first piece is meant again; others are over. */
async function supersede(tx: Tx, pairingId: string, input: FileReceiveRequest): Promise<string | null> {
  const open = await tx.uploadSession.findMany({
    where: { pairingId, fileName: input.fileName, version: versionText(input.version), state: "open" },
  });
  const md5 = md5Bytes(input.md5Hash);
  const same = open.find(
    (row) => row.byOffset === null && Number(row.sizeBytes) === input.fileSize && md5.equals(Buffer.from(row.md5)),
  );
  const over = open.filter((row) => row !== same).map(({ id }) => id);
  await tx.uploadSession.updateMany({ where: { id: { in: over } }, data: { state: "cancelled" } });
  return same?.id ?? null;
}

async function assertBounds(tx: Tx, pairingId: string, bytes: number): Promise<void> {
  const open = await tx.uploadSession.aggregate({
    where: { pairingId, state: "open" },
    _count: true,
    _sum: { sizeBytes: true },
  });
  const kept = await tx.coreFile.aggregate({
    where: { pairingId, removedAt: null },
    _count: true,
    _sum: { sizeBytes: true },
  });
  if (open._count >= OPEN_UPLOADS_MAX)
    throw new TwincoreError(
      "too_many_requests",
      `You have ${OPEN_UPLOADS_MAX} uploads open here, as many as one core may. End or cancel one first.`,
    );
  const used = Number(open._sum.sizeBytes ?? 0n) + Number(kept._sum.sizeBytes ?? 0n);
  if (kept._count >= FILES_MAX || used + bytes > PEER_BYTES_MAX)
    throw new TwincoreError(
      "storage_full",
      "Your files on this core fill the room that one core may have. Its administrator can remove some.",
      { detail: "quota" },
    );
}

async function createSession(
  ctx: EngineContext,
  tx: Tx,
  input: FileReceiveRequest & { pairingId: string; repositoryId: string },
): Promise<string> {
  const { pairingId, repositoryId, fileName, fileSize } = input;
  const version = versionText(input.version);
  const now = ctx.now();
  const { id } = await tx.uploadSession.create({
    data: {
      pairingId,
      repositoryId,
      fileName,
      version,
      sizeBytes: BigInt(fileSize),
      md5: md5Bytes(input.md5Hash),
      createdAt: now,
      updatedAt: now,
    },
  });
  await writeAudit(tx, ctx, "upload.start", id, { fileName, version, sizeBytes: fileSize });
  await emitEvent(tx, "core-file", id);
  return id;
}

/** As rows have it: empty for a file that is for no version. */
const versionText = (version: FileReceiveRequest["version"]): string => (version === "None" ? "" : version);
