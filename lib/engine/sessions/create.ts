import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvents } from "@/lib/engine/events/emit";
import { sessionIdOf } from "./session-id";

export interface NewSourceSession {
  readonly agentId: string;
  readonly pairingId: string;
  readonly replicationRuleId: string;
  readonly policyId: string;
  readonly rpoSeconds: number;
}

const BEGINNING = { side: "source", role: "source", madeByPolicy: true } as const;

/**
 * Source: the sessions that policies ask for; each begins to run when the target has taken its agent in. One that is there already is
 * left alone. Answers the ids of the new ones.
 */
export async function createSourceSessions(
  tx: Tx,
  ctx: EngineContext,
  sessions: readonly NewSourceSession[],
): Promise<string[]> {
  const pairings = await tx.pairing.findMany({
    where: { id: { in: [...new Set(sessions.map(({ pairingId }) => pairingId))] } },
    select: { id: true, requestKeyDigest: true },
  });
  const digestOf = new Map(pairings.map(({ id, requestKeyDigest }) => [id, requestKeyDigest]));
  const made = await tx.replicationSession.createManyAndReturn({
    data: sessions.flatMap((session) => {
      const digest = digestOf.get(session.pairingId);
      if (!digest) return [];
      const id = sessionIdOf(digest, session.agentId);
      return [{ ...session, id, ...BEGINNING, createdAt: ctx.now() }];
    }),
    select: { id: true },
    skipDuplicates: true,
  });
  const ids = made.map(({ id }) => id);
  await emitEvents(tx, "session", ids);
  return ids;
}
