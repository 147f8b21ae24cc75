import type { NewSourceSession } from "@/lib/engine/sessions/create";
import type { ReplicationSession } from "@/prisma/generated/client";

export type WantedSession = NewSourceSession;
type Row = Pick<
  ReplicationSession,
  "id" | "agentId" | "pairingId" | "state" | "madeByPolicy" | "replicationRuleId" | "policyId" | "rpoSeconds"
>;

export interface PlannedSession<R extends Row = ReplicationSession> {
  readonly row: R;
  readonly wanted: WantedSession;
}

export interface SessionsPlan<R extends Row = ReplicationSession> {
  readonly create: WantedSession[];
  /** Had ended, or was on its way out, and is asked for again. */
  readonly revive: PlannedSession<R>[];
  /** Follows another rule, policy or RPO from now on. */
  readonly follow: PlannedSession<R>[];
  /** Made by a pairing; no policy asks for it any more. */
  readonly release: R[];
  readonly remove: R[];
}

/** What has to happen so that the sessions present become those that are wanted; nothing when they are. Pure. */
export function planSessions<R extends Row>(wanted: readonly WantedSession[], present: readonly R[]): SessionsPlan<R> {
  const keyOf = ({ agentId, pairingId }: { agentId: string; pairingId: string }) => `${agentId} ${pairingId}`;
  const rows = new Map(present.map((row) => [keyOf(row), row]));
  const asked = new Set(wanted.map(keyOf));
  const pairs = wanted.flatMap((session) => {
    const row = rows.get(keyOf(session));
    return row ? [{ row, wanted: session }] : [];
  });
  const isNews = ({ row, wanted: session }: PlannedSession<R>) =>
    row.replicationRuleId !== session.replicationRuleId ||
    row.policyId !== session.policyId ||
    row.rpoSeconds !== session.rpoSeconds;
  // What the target refused stays refused until the policy asks for something else.
  const isRevived = (pair: PlannedSession<R>) =>
    pair.row.state === "deleting" || (pair.row.state === "ended" && isNews(pair));
  const unasked = present.filter((row) => !asked.has(keyOf(row)));
  return {
    create: wanted.filter((session) => !rows.has(keyOf(session))),
    revive: pairs.filter(isRevived),
    follow: pairs.filter((pair) => !isRevived(pair) && isNews(pair)),
    release: unasked.filter((row) => !row.madeByPolicy && (row.policyId !== null || row.replicationRuleId !== null)),
    remove: unasked.filter((row) => row.madeByPolicy && row.state !== "deleting"),
  };
}
