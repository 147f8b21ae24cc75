import "server-only";
import type { Tx } from "@/lib/db/client";
import type { EngineContext } from "@/lib/engine/context";
import { guard } from "@/lib/engine/protection/guard";
import { conflict, invalidInput, notFound, TwincoreError } from "@/lib/errors";
import type { Prisma } from "@/prisma/generated/client";
import type { TakeOver } from "./advance";
import { factsOf } from "./lock";
import { assertOperation } from "./operations";
import { give, type LockedSession } from "./order";
import type { FailOverSessionInput, ResolveDivergenceInput, SessionSummary } from "./schemas";
import { stopRuns } from "./take-over-view";
import { jsonOrNull } from "./views";

/**
 * Changes which core is current for the agent. Planned, where the role is source: captures stop here, a last sync brings everything
 * over, then the roles change; nothing is lost, and what goes wrong leaves everything as it was. Unplanned, on the destination: this
 * core goes on from the newest point that it has, or an older one of choice, without the other core, which hears of it when it is
 * back. The answer comes at once; the state says how far it is. Unplanned it is protected. Throws `not_found`, `invalid_input`, `conflict` by the table.
 */
export async function failOverSession(
  ctx: EngineContext,
  given: Partial<FailOverSessionInput> & { id: string },
): Promise<SessionSummary> {
  const input = { kind: "planned" as const, reverse: false, force: false, useTestCopy: false, ...given };
  assertFits(input);
  if (input.kind === "planned") return failOverPlanned(ctx, input);
  await guardUnplanned(ctx, input);
  return failOverUnplanned(ctx, input);
}

/** Looks first whether the table allows it: nobody shall be asked to agree to what is refused then. */
async function guardUnplanned(ctx: EngineContext, input: FailOverSessionInput): Promise<void> {
  const { id, force, useTestCopy } = input;
  const session = await ctx.db.prisma.replicationSession.findUnique({
    where: { id },
    include: { pairing: true, agent: { select: { name: true, tenantId: true } } },
  });
  if (!session) throw notFound("replication session");
  assertOperation(factsOf(session, ctx.now()), "fail_over_unplanned", { force, useTestCopy });
  await guard(ctx, {
    action: "session.fail-over",
    subject: { kind: "session", id },
    title: `Fail "${session.agent.name}" over to this core without ${session.pairing.peerName}.`,
    input,
    tenantId: session.agent.tenantId,
  });
}

function assertFits({ kind, reverse, force, useTestCopy, recoveryPointId }: FailOverSessionInput): void {
  if (kind === "planned" && (useTestCopy || recoveryPointId))
    throw invalidInput("A planned failover brings the newest state. A point or a test copy is for an unplanned one.");
  if (kind === "unplanned" && reverse)
    throw invalidInput(
      "After an unplanned failover the other way is begun by hand: reprotect when the other core is back.",
    );
  if (kind === "planned" && force) throw invalidInput("Only an unplanned failover is forced.");
  if (useTestCopy && recoveryPointId) throw invalidInput("Choose the test copy or a recovery point, not both.");
}

function failOverPlanned(ctx: EngineContext, input: FailOverSessionInput): Promise<SessionSummary> {
  return give(ctx, {
    id: input.id,
    operation: "fail_over_planned",
    action: "session.fail-over",
    detail: { kind: "planned", reverse: input.reverse },
    change: async (tx, session) => {
      await assertLeads(tx, session);
      return {
        state: "failing_over",
        revision: session.revision + 1,
        steps: input.reverse ? ["reprotect"] : [],
        pendingOrder: jsonOrNull(null),
        pausedBy: null,
        nextRunAt: ctx.now(),
      };
    },
  });
}

/** The agent may be led by a core of another pairing. */
async function assertLeads(tx: Tx, { agentId }: LockedSession): Promise<void> {
  const agent = await tx.agent.findUniqueOrThrow({ where: { id: agentId }, include: { leadPairing: true } });
  if (agent.leadPairing)
    throw new TwincoreError("conflict", `${agent.name} is current on ${agent.leadPairing.peerName}, not here.`, {
      detail: "wrong-side",
    });
}

function failOverUnplanned(ctx: EngineContext, input: FailOverSessionInput): Promise<SessionSummary> {
  const { id, force, useTestCopy, recoveryPointId = null } = input;
  const order: TakeOver = { order: "take-over", at: ctx.now().toISOString(), recoveryPointId, useTestCopy };
  return give(ctx, {
    id,
    operation: "fail_over_unplanned",
    options: { force, useTestCopy },
    action: "session.fail-over",
    detail: { kind: "unplanned", force, useTestCopy, recoveryPointId },
    change: async (tx, session) => {
      await assertPoint(tx, session, input);
      await stopRuns(tx, ctx, session.id);
      const change: Prisma.ReplicationSessionUncheckedUpdateInput = {
        state: "failing_over_for_dr",
        revision: session.revision + 1,
        pendingOrder: { ...order },
        steps: [],
        nextRunAt: null,
      };
      return change;
    },
  });
}

/** What it would go on from must be here, and whole. */
async function assertPoint(tx: Tx, session: LockedSession, input: FailOverSessionInput): Promise<void> {
  if (input.useTestCopy && !session.testAgentId)
    throw conflict("No failover test goes on, so there is no copy to use.");
  const where = { agentId: session.agentId, ...(input.recoveryPointId ? { id: input.recoveryPointId } : {}) };
  const points = await tx.recoveryPoint.count({ where: { ...where, missingVolumes: { isEmpty: true } } });
  if (points > 0) return;
  if (input.recoveryPointId) throw notFound("recovery point of this agent");
  throw new TwincoreError("conflict", "No recovery point has arrived here yet, so there is nothing to go on from.", {
    detail: "no-points",
  });
}

/** Copies the other way, after a failover: from this core, which is current, to the one that was. Throws `not_found`, `conflict` by the table. */
export function reprotectSession(ctx: EngineContext, { id }: { id: string }): Promise<SessionSummary> {
  return give(ctx, {
    id,
    operation: "reprotect",
    action: "session.reprotect",
    change: async (_tx, session) => ({
      state: "reprotecting",
      revision: session.revision + 1,
      nextRunAt: session.side === "source" ? ctx.now() : null,
    }),
  });
}

/**
 * Back to the core that the agent came from: reprotect if that was not done, a planned failover, and reprotect again. Given on
 * either side; each step begins by itself when the one before is done, also after a crash. Throws `not_found`, `conflict` by the table.
 */
export function failBackSession(ctx: EngineContext, { id }: { id: string }): Promise<SessionSummary> {
  return give(ctx, {
    id,
    operation: "fail_back",
    action: "session.fail-back",
    change: async (_tx, session) => {
      const after =
        session.state === "failed_over" ? ["reprotect", "fail-over", "reprotect"] : ["fail-over", "reprotect"];
      return { revision: session.revision + 1, steps: after };
    },
  });
}

/**
 * Both cores were written: the points of one side stay, those of the other since the common point are set aside on the core that
 * has them, and the core whose points stay is current. Given on either side. Throws `not_found`, `conflict` by the table.
 */
export function resolveDivergence(ctx: EngineContext, { id, keep }: ResolveDivergenceInput): Promise<SessionSummary> {
  return give(ctx, {
    id,
    operation: "resolve_divergence",
    action: "session.resolve",
    detail: { keep },
    change: async (_tx, session) => {
      const there = session.side === "source" ? ("target" as const) : ("source" as const);
      const keepSide = keep === "here" ? session.side : there;
      return { keepSide, revision: session.revision + 1, steps: [] };
    },
  });
}
