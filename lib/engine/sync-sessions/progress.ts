import "server-only";
import { z } from "zod";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import type { Prisma, SyncSession } from "@/prisma/generated/client";
import type { SyncCursor } from "./cursor";
import { PROBLEMS_MAX, SyncProblem } from "./schemas";

const WRITE_MS = 1000;
/** The rates are those of the last so many writes. */
const RATE_WRITES = 5;
/** A key has at most 255 characters; of what an error says no more than this is kept. */
const REASON_CHARACTERS = 500;

/** Thrown into a session when a person stops it. */
export class StopRequested extends Error {
  override readonly name = "StopRequested";
}

type Counter =
  | "packsAdopted"
  | "packsLost"
  | "recordsLost"
  | "pointsAdopted"
  | "pointsLost"
  | "pointsFound"
  | "documentsWritten";

/** The counters of a running session. Its row has them, with the cursor that belongs to them, about once a second. */
export class SyncProgress {
  phase: SyncSession["phase"];
  filesTotal: number;
  bytesTotal: number;
  private filesDone: number;
  private bytesDone: number;
  private readonly counts: Record<Counter, number>;
  private readonly problems: SyncProblem[];
  private problemCount: number;
  private readonly history: { atMs: number; files: number; bytes: number }[] = [];
  private writtenMs = 0;

  constructor(
    private readonly ctx: EngineContext,
    private readonly session: SyncSession,
    public cursor: SyncCursor,
    private readonly signal: AbortSignal,
  ) {
    const { packsAdopted, packsLost, recordsLost, pointsAdopted, pointsLost, pointsFound, documentsWritten } = session;
    this.counts = { packsAdopted, packsLost, recordsLost, pointsAdopted, pointsLost, pointsFound, documentsWritten };
    this.phase = session.phase;
    this.filesTotal = session.filesTotal;
    this.filesDone = session.filesDone;
    this.bytesTotal = Number(session.bytesTotal);
    this.bytesDone = Number(session.bytesDone);
    this.problems = z.array(SyncProblem).catch([]).parse(session.problems);
    this.problemCount = session.problemCount;
  }

  get verifyRecords(): boolean {
    return this.session.verifyRecords;
  }

  add(counter: Counter, count: number): void {
    this.counts[counter] += count;
  }

  done(files: number, bytes = 0): void {
    this.filesDone += files;
    this.bytesDone += bytes;
  }

  /** A file that was read again after an interruption is one problem. */
  problem(file: string, reason: string): void {
    if (this.problems.some((known) => known.file === file)) return;
    this.problemCount++;
    if (this.problems.length < PROBLEMS_MAX) this.problems.push({ file, reason: reason.slice(0, REASON_CHARACTERS) });
  }

  /** Everything up to `cursor` is done and durable. Throws StopRequested, or the signal's reason when the worker stops. */
  async step(cursor: Partial<SyncCursor>): Promise<void> {
    this.cursor = { ...this.cursor, ...cursor };
    this.signal.throwIfAborted();
    if (performance.now() - this.writtenMs >= WRITE_MS) await this.write();
  }

  async enter(phase: SyncSession["phase"], cursor: Partial<SyncCursor>): Promise<void> {
    this.phase = phase;
    this.cursor = { ...this.cursor, part: "files", after: "", ...cursor };
    this.signal.throwIfAborted();
    await this.write();
  }

  /** The row as it is now, with the end of the session when there is one. */
  async write(end: Prisma.SyncSessionUpdateInput = {}): Promise<void> {
    const { id, repositoryId } = this.session;
    const isEnd = end.state !== undefined;
    const stopping = await withTransaction(this.ctx.db, async (tx) => {
      const row = await tx.syncSession.update({
        where: { id },
        data: { ...this.columns(isEnd), ...end, updatedAt: this.ctx.now() },
        select: { stopRequestedAt: true },
      });
      await emitEvent(tx, "sync-session", id);
      if (isEnd) await emitEvent(tx, "repository", repositoryId);
      return row.stopRequestedAt !== null;
    });
    this.writtenMs = performance.now();
    if (stopping && !isEnd) throw new StopRequested("stopped");
  }

  private columns(isEnd: boolean) {
    const rates = isEnd ? { files: 0, bytes: 0 } : this.rates();
    return {
      ...this.counts,
      phase: this.phase,
      cursor: this.cursor,
      filesDone: this.filesDone,
      filesTotal: Math.max(this.filesTotal, this.filesDone),
      bytesDone: BigInt(this.bytesDone),
      bytesTotal: BigInt(Math.max(this.bytesTotal, this.bytesDone)),
      problems: this.problems,
      problemCount: this.problemCount,
      rateFilesPerSecond: rates.files,
      rateBytesPerSecond: BigInt(rates.bytes),
    };
  }

  private rates(): { files: number; bytes: number } {
    const atMs = performance.now();
    this.history.push({ atMs, files: this.filesDone, bytes: this.bytesDone });
    if (this.history.length > RATE_WRITES + 1) this.history.shift();
    const first = this.history[0];
    const seconds = first ? (atMs - first.atMs) / 1000 : 0;
    if (!first || seconds <= 0) return { files: 0, bytes: 0 };
    return {
      files: Math.round((this.filesDone - first.files) / seconds),
      bytes: Math.round((this.bytesDone - first.bytes) / seconds),
    };
  }
}
