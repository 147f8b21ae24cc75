import "server-only";
import type { Tx } from "@/lib/db/client";
import { notFound } from "@/lib/errors";
import type { Pairing, ReplicationSession } from "@/prisma/generated/client";
import { isLinkDown } from "./link";
import type { SessionFacts } from "./operations";

/** A session and its agent, locked in this order by everybody who changes roles. Throws `not_found`. */
export async function lockSession(tx: Tx, id: string): Promise<ReplicationSession & { pairing: Pairing }> {
  await tx.$executeRaw`select 1 from replication_session where id = ${id}::uuid for update`;
  const session = await tx.replicationSession.findUnique({ where: { id }, include: { pairing: true } });
  if (!session) throw notFound("replication session");
  return session;
}

/** What decides whether an operation is allowed. */
export function factsOf(session: ReplicationSession & { pairing: Pairing }, now: Date): SessionFacts {
  return {
    side: session.side,
    role: session.role,
    state: session.state,
    isTesting: session.testStartedAt !== null,
    isTestHere: session.testAgentId !== null,
    isDiverged: session.divergence !== null,
    isLinkDown: isLinkDown({ ...session, lastContactAt: session.pairing.lastContactAt }, now),
  };
}
