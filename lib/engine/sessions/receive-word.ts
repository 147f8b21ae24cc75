import "server-only";
import type { z } from "zod";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { requireReplicatedAgent } from "@/lib/engine/image-sessions/find";
import { peerOf } from "@/lib/engine/pairing/caller";
import { noteContact } from "@/lib/engine/pairing/contact";
import { lockTargetSession } from "@/lib/engine/replication/remote-jobs";
import { invalidInput, notFound, TwincoreError } from "@/lib/errors";
import type { ReplicationSession } from "@/prisma/generated/client";
import { compareSides } from "./compare";
import { giveUpWhenSynced } from "./leadership";
import { takeNextStep } from "./next-step";
import { NEWS_MAX, type SessionNews, type SessionNewsInput, type SessionView, type SessionWord } from "./peer-schemas";
import { hasWorkHere } from "./pending";
import { stepsOf, takeOverView, viewOf } from "./take-over-view";
import { controlOf, isPossible } from "./views";

/**
 * TellSession, on the target: hears the caller's view of a session, takes over what is newer, compares the points of both sides
 * when the caller sent its own, ends a planned failover when nothing is missing over there, and answers the view that came of it.
 * Telling it again changes nothing. Throws `not_found`, `invalid_input` for a view that cannot be, `unavailable` while a failover
 * without the other core is being done here.
 */
export async function receiveWord(ctx: EngineContext, word: SessionWord): Promise<SessionView> {
  const agent = await requireReplicatedAgent(ctx, word.agentId);
  if (!isPossible(word.view, "source"))
    throw invalidInput("The role in this view does not go with how often the roles have changed.");
  const { view, after } = await withTransaction(ctx.db, async (tx) => {
    const session = await lockTargetSession(tx, agent.id, agent.pairingId);
    if (session.state === "ended" || session.state === "deleting") throw notFound("replication session");
    if (session.state === "failing_over_for_dr")
      throw new TwincoreError("unavailable", "A failover is being done here just now. Ask again.");
    const heard = await takeOverView(tx, ctx, session, word.view);
    const done = await act(tx, ctx, heard, word);
    return { view: await viewOf(tx, done), after: done };
  });
  if (hasWorkHere(after)) await ctx.enqueue("advance-session", { sessionId: after.id }, { key: after.id });
  return view;
}

/** What follows of the word on this side. */
async function act(
  tx: Tx,
  ctx: EngineContext,
  session: ReplicationSession,
  word: SessionWord,
): Promise<ReplicationSession> {
  const again = () => tx.replicationSession.findUniqueOrThrow({ where: { id: session.id } });
  let now = session;
  if (word.points !== null && isCompared(now)) now = await compareSides(tx, ctx, now, { ...word, points: word.points });
  const { syncedPointId } = word.view;
  if (now.role === "source" && now.state === "failing_over" && syncedPointId !== null)
    if (await giveUpWhenSynced(tx, ctx, now, syncedPointId)) now = await again();
  return takeNextStep(tx, ctx, now);
}

/** After a failover, until the copy in the new direction is done. */
export const isCompared = ({ state, divergence, keepSide }: ReplicationSession): boolean =>
  state === "failed_over" || state === "reprotecting" || divergence !== null || keepSide !== null;

/** HearSessions, on the target: how all sessions of the calling pairing stand here, a page at a time. */
export async function listSessionNews(
  ctx: EngineContext,
  { after }: z.output<typeof SessionNewsInput>,
): Promise<SessionNews> {
  const { pairingId } = peerOf(ctx);
  await noteContact(ctx, pairingId);
  const rows = await ctx.db.prisma.$queryRaw<NewsRow[]>`
    select s.* from replication_session s
    where s.pairing_id = ${pairingId}::uuid and s.side = 'target' and s.state not in ('ended', 'deleting')
      and (${after ?? null}::uuid is null or s.id > ${after ?? null}::uuid)
    order by s.id limit ${NEWS_MAX}`;
  return {
    sessions: rows.map((row) => ({
      sessionId: row.id,
      agentId: row.agent_id,
      role: row.role,
      state: row.state,
      epoch: row.epoch,
      revision: row.revision,
      testStartedAt: row.test_started_at?.toISOString() ?? null,
    })),
    next: rows.length === NEWS_MAX ? (rows.at(-1)?.id ?? null) : null,
  };
}

interface NewsRow {
  id: string;
  agent_id: string;
  role: ReplicationSession["role"];
  state: ReplicationSession["state"];
  epoch: number;
  revision: number;
  test_started_at: Date | null;
}

/** Is there something that both sides have to speak about? */
export function isNews(theirs: SessionNews["sessions"][number], ours: ReplicationSession): boolean {
  const sameOrders =
    theirs.epoch === ours.epoch && theirs.revision === ours.revision && ours.heardRevision === ours.revision;
  const sameTest = theirs.testStartedAt === (ours.testStartedAt?.toISOString() ?? null);
  const resting = theirs.state === ours.state || controlOf(ours.state) !== "copying" || ours.state === "synchronizing";
  const unfinished = isCompared(ours) || ours.state === "failing_over" || stepsOf(ours).length > 0;
  return !sameOrders || !sameTest || !resting || unfinished;
}
