import "server-only";
import { setTimeout as pause } from "node:timers/promises";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import type { CommittingStatus, EndInput, ImageSessionRef } from "@/lib/engine/replication/peer-schemas";
import { conflict, invalidInput, toTwincoreError } from "@/lib/errors";
import { offeredCount } from "./batches";
import { changedCount } from "./changed-blocks";
import { commitImage } from "./commit";
import { failureOf, requireImageSession, type SessionRow } from "./find";

/** A poke waits this long for the end of a commit, so that the source need not ask often. */
const POKE_MS = 5_000;
const LOOK_MS = 50;
/** Longer than a commit may take: a hundred million records are checked at 100,000 a second. */
const END_MS = 30 * 60_000;

/**
 * Begins to commit the image, which goes on after the answer and survives a restart (poke begins it anew); or drops it.
 * Throws `invalid_input` when keys are still to be offered, `conflict` when the session was ended the other way.
 */
export async function startEndingImageSession(ctx: EngineContext, input: EndInput): Promise<void> {
  const { row } = await requireImageSession(ctx, input);
  if (!input.commit) return abort(ctx, row);
  if (row.state === "aborted") throw conflict("This image session was dropped. Start a new one.");
  if (row.state !== "open") return;
  const offered = await offeredCount(ctx.db, row.id);
  const expected = row.mode === "direct" ? await changedCount(ctx.db, row.id) : row.keyCount;
  if (expected === null) throw conflict("The bitmap of changed blocks has not come yet. Send it first.");
  if (offered !== expected)
    throw invalidInput(`Only ${offered} of the ${expected} keys of this image were offered. Offer the rest first.`);
  await ctx.db.prisma.imageSession.updateMany({ where: { id: row.id, state: "open" }, data: { state: "committing" } });
  inBackground(ctx, row.id);
}

/** Committing or Committed. Throws what made the commit fail, and `conflict` when nobody asked for one. */
export async function pokeImageSession(ctx: EngineContext, input: ImageSessionRef): Promise<CommittingStatus> {
  const { row } = await requireImageSession(ctx, input);
  return look(ctx, row, POKE_MS);
}

/** Commits and waits for it, or drops the image. */
export async function endImageSession(ctx: EngineContext, input: EndInput): Promise<void> {
  await startEndingImageSession(ctx, input);
  if (!input.commit) return;
  const { row } = await requireImageSession(ctx, input);
  await look(ctx, row, END_MS);
}

async function look(ctx: EngineContext, first: SessionRow, waitMs: number): Promise<CommittingStatus> {
  const giveUpAt = performance.now() + waitMs;
  for (let row: SessionRow | null = first; ; ) {
    const status = statusOf(row);
    if (status === "Committed" || performance.now() > giveUpAt) return status;
    inBackground(ctx, first.id);
    await Promise.race([working.get(first.id), pause(LOOK_MS)]);
    row = await ctx.db.prisma.imageSession.findUnique({ where: { id: first.id }, omit: { changedBlocks: true } });
  }
}

function statusOf(row: SessionRow | null): CommittingStatus {
  switch (row?.state) {
    case "committed":
      return "Committed";
    case "committing":
      return "Committing";
    case "failed":
      throw failureOf(row);
    case "open":
      throw conflict("Nobody has asked to commit this image yet.");
    default:
      row?.state satisfies "aborted" | undefined;
      throw conflict("This image session was dropped. Start a new one.");
  }
}

async function abort(ctx: EngineContext, row: SessionRow): Promise<void> {
  await withTransaction(ctx.db, async (tx) => {
    const where = { id: row.id, state: { in: ["open" as const, "failed" as const, "aborted" as const] } };
    const { count } = await tx.imageSession.updateMany({ where, data: { state: "aborted", changedBlocks: null } });
    if (count === 0) throw conflict("The image is being committed, or is so already; it stays.");
    await tx.imageSessionKeys.deleteMany({ where: { sessionId: row.id } });
  });
}

/** Commits that this process works on. As many as there are images on their way. */
const working = new Map<string, Promise<void>>();

function inBackground(ctx: EngineContext, imageSessionId: string): void {
  if (working.has(imageSessionId)) return;
  const work = commitImage(ctx, imageSessionId)
    .then(async (worked) => {
      // Another process has it: look again a little later.
      if (!worked) await pause(10 * LOOK_MS);
    })
    .catch((thrown: unknown) => {
      const { code } = toTwincoreError(thrown);
      ctx.log.warn(
        { imageSession: imageSessionId, code, err: thrown },
        "a commit was interrupted; the next poke repeats it",
      );
    })
    .finally(() => working.delete(imageSessionId));
  working.set(imageSessionId, work);
}
