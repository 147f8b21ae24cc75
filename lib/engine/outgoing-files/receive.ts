import "server-only";
import { createHash } from "node:crypto";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import { actorName, type EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { newPackId as newId } from "@/lib/engine/packs/pack-id";
import { openRepository } from "@/lib/engine/repositories/open";
import { FILE_BYTES_MAX, RESERVE_BYTES } from "@/lib/engine/uploads/bounds";
import { conflict, notFound, TwincoreError } from "@/lib/errors";
import type { StorageBackend } from "@/lib/storage/backend";
import { outgoingKey, toReport, withTarget } from "./convert";
import { endFile } from "./end";
import type { OutgoingFileReport, ReceiveFileInput } from "./schemas";

/** Each may hold two gigabytes of this core's repositories. */
const WAITING_MAX = 32;

interface Announced {
  /** As the sender announced it, if it did. */
  readonly sizeBytes: number | null;
  /** Aborted when the sender goes away. */
  readonly signal: AbortSignal;
}

/**
 * Takes a file from a person and queues it for a target. It is durable here when this resolves; its bytes go again once they
 * are there. Throws `not_found`, `conflict` without an established pairing,
 * `too_large`, `too_many_requests`, `storage_full`, and `unavailable` when the body breaks off.
 */
export async function receiveOutgoingFile(
  ctx: EngineContext,
  input: ReceiveFileInput & Announced,
  body: AsyncIterable<Uint8Array>,
): Promise<OutgoingFileReport> {
  if ((input.sizeBytes ?? 0) > FILE_BYTES_MAX) throw tooLarge();
  const repositoryId = await repositoryFor(ctx, input.pairingId);
  const { storage } = await openRepository(ctx, repositoryId);
  const { freeBytes } = await storage.space();
  if (freeBytes - (input.sizeBytes ?? 0) < RESERVE_BYTES)
    throw new TwincoreError("storage_full", "The disk of this core's repository has no room for this file.");
  const id = await createRow(ctx, input, repositoryId);
  try {
    const stored = await store(storage, id, input, body);
    const report = await queue(ctx, id, stored);
    await ctx.enqueue("send-file", { fileId: id }, { key: id });
    return report;
  } catch (thrown) {
    await endFile(ctx, id, { state: "failed", thrown }).catch((err: unknown) =>
      ctx.log.warn({ file: id, err }, "cleanup failed"),
    );
    throw thrown;
  }
}

/** Where an agent of the pairing keeps its recovery points; else any repository of this core. */
async function repositoryFor(ctx: EngineContext, pairingId: string): Promise<string> {
  const { prisma } = ctx.db;
  const pairing = await prisma.pairing.findFirst({ where: { id: pairingId, side: "source" } });
  if (!pairing) throw notFound("pairing with a target");
  if (pairing.state !== "established")
    throw conflict("Files go to targets of established pairings only. This one is not established.");
  const session = await prisma.replicationSession.findFirst({
    where: { pairingId },
    orderBy: { id: "asc" },
    select: { agent: { select: { repositoryId: true } } },
  });
  const repositoryId =
    session?.agent.repositoryId ?? (await prisma.repository.findFirst({ orderBy: { id: "asc" } }))?.id;
  if (!repositoryId)
    throw conflict("This core has no repository to keep the file in until it is sent. Make one first.");
  return repositoryId;
}

/** The row comes first, so that what a crash leaves of the object is known. */
function createRow(ctx: EngineContext, input: ReceiveFileInput & Announced, repositoryId: string): Promise<string> {
  return withTransaction(ctx.db, async (tx) => {
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('outgoing-files', 0))`;
    const waiting = await tx.outgoingFile.count({ where: { purgedAt: null } });
    if (waiting >= WAITING_MAX)
      throw new TwincoreError("too_many_requests", `${WAITING_MAX} files wait to be sent. Cancel one, or wait.`);
    const now = ctx.now();
    const { id } = await tx.outgoingFile.create({
      data: {
        id: newId(now.getTime()),
        pairingId: input.pairingId,
        repositoryId,
        fileName: input.name,
        version: input.version === "None" ? "" : input.version,
        sizeBytes: BigInt(input.sizeBytes ?? 0),
        md5: Buffer.alloc(0),
        sha256: Buffer.alloc(0),
        state: "receiving",
        createdBy: actorName(ctx.actor),
        createdAt: now,
        updatedAt: now,
      },
    });
    await emitEvent(tx, "core-file", id);
    return id;
  });
}

interface Stored {
  readonly sizeBytes: number;
  readonly md5: Buffer<ArrayBuffer>;
  readonly sha256: Buffer<ArrayBuffer>;
}

async function store(
  storage: StorageBackend,
  id: string,
  announced: Announced,
  body: AsyncIterable<Uint8Array>,
): Promise<Stored> {
  const [md5, sha256] = [createHash("md5"), createHash("sha256")];
  const writer = await storage.create(outgoingKey(id));
  let sizeBytes = 0;
  try {
    for await (const chunk of body) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > FILE_BYTES_MAX) throw tooLarge();
      md5.update(chunk);
      sha256.update(chunk);
      await writer.write(chunk);
    }
    if (announced.signal.aborted || (announced.sizeBytes ?? sizeBytes) !== sizeBytes)
      throw new TwincoreError("unavailable", "The connection broke before the whole file was here. Send it again.");
    await writer.commit();
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return { sizeBytes, md5: md5.digest(), sha256: sha256.digest() };
}

function queue(ctx: EngineContext, id: string, stored: Stored): Promise<OutgoingFileReport> {
  return withTransaction(ctx.db, async (tx) => {
    const { count } = await tx.outgoingFile.updateMany({
      where: { id, state: "receiving" },
      data: { ...stored, sizeBytes: BigInt(stored.sizeBytes), state: "queued", updatedAt: ctx.now() },
    });
    if (count === 0) throw conflict("The sending of this file was cancelled.");
    const row = await tx.outgoingFile.findUniqueOrThrow({ where: { id }, include: withTarget });
    const { fileName, version } = row;
    await writeAudit(tx, ctx, "file.send", id, { fileName, version, sizeBytes: stored.sizeBytes, to: row.pairingId });
    await emitEvent(tx, "core-file", id);
    return toReport(row);
  });
}

const tooLarge = () => new TwincoreError("too_large", `A file has at most ${FILE_BYTES_MAX} bytes.`);
