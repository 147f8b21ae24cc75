import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { Counters } from "@/lib/engine/capture/counters";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";

const WRITE_MS = 1000;
/** The rate is that of the last so many writes. */
const RATE_WRITES = 5;

/** Thrown into the work of a task when a person cancels it. */
export class CancelRequested extends Error {
  override readonly name = "CancelRequested";
}

/**
 * Writes the counters of a running task about once a second, and hears whether it is to be cancelled. A write that fails is
 * left out: the work itself will notice if the database is gone.
 */
export class ProgressWriter {
  private readonly timer: NodeJS.Timeout;
  private readonly history: { atMs: number; bytes: number }[] = [];
  private writing: Promise<void> | null = null;

  constructor(
    private readonly ctx: EngineContext,
    private readonly taskId: string,
    private readonly counters: Counters,
    private readonly cancel: (reason: CancelRequested) => void,
    writeMs = WRITE_MS,
  ) {
    this.timer = setInterval(() => {
      this.writing ??= this.write()
        .catch((error) => ctx.log.debug({ error: String(error), taskId }, "progress could not be written"))
        .finally(() => {
          this.writing = null;
        });
    }, writeMs);
  }

  /** The last numbers are in the row when it resolves, and no more are written. */
  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.writing;
    await this.write();
  }

  private async write(): Promise<void> {
    const { bytesDone, bytesTotal, filesDone, savedBytes, phase } = this.counters;
    const rate = this.rate(bytesDone);
    const total = bytesTotal === null ? null : BigInt(bytesTotal);
    const rows = await withTransaction(this.ctx.db, async (tx) => {
      // A second run begins at zero; what a page shows does not go backwards.
      const updated = await tx.$queryRaw<{ cancel: boolean }[]>`
        update task set phase = ${phase}, rate_bytes_per_second = ${BigInt(rate)}, updated_at = ${this.ctx.now()},
          bytes_done = greatest(bytes_done, ${BigInt(bytesDone)}), files_done = greatest(files_done, ${filesDone}),
          saved_bytes = greatest(saved_bytes, ${BigInt(savedBytes)}), bytes_total = coalesce(${total}, bytes_total)
        where id = ${this.taskId}::uuid and state = 'running'
        returning cancel_requested_at is not null as cancel`;
      if (updated.length > 0) await emitEvent(tx, "task", this.taskId);
      return updated;
    });
    if (rows[0]?.cancel) this.cancel(new CancelRequested("cancelled"));
  }

  private rate(bytes: number): number {
    const atMs = performance.now();
    this.history.push({ atMs, bytes });
    if (this.history.length > RATE_WRITES + 1) this.history.shift();
    const first = this.history[0];
    const elapsedMs = first ? atMs - first.atMs : 0;
    return first && elapsedMs > 0 ? Math.round(((bytes - first.bytes) * 1000) / elapsedMs) : 0;
  }
}
