import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { peerOf } from "@/lib/engine/pairing/caller";
import type { ImageSessionRef } from "@/lib/engine/replication/peer-schemas";
import { type Domain, ensureDomain } from "@/lib/engine/repositories/open";
import { conflict, notFound, TwincoreError } from "@/lib/errors";
import type { Agent, ImageSession } from "@/prisma/generated/client";
import { Declared } from "./schemas";

/** An agent that the calling core replicates here. Another core's agent is `not_found`, like one that never was. */
export async function requireReplicatedAgent(
  ctx: EngineContext,
  agentId: string,
): Promise<Agent & { pairingId: string }> {
  const { pairingId } = peerOf(ctx);
  const agent = await ctx.db.prisma.agent.findFirst({ where: { id: agentId, pairingId, deletionAskedAt: null } });
  if (!agent) throw notFound("agent");
  return { ...agent, pairingId };
}

/** A session without its bitmap, which may have megabytes and is read when it is needed. */
export type SessionRow = Omit<ImageSession, "changedBlocks">;

export interface OpenedSession {
  readonly row: SessionRow;
  readonly declared: Declared;
}

/** An image session of the calling core. Throws `not_found` for any other, and when the address names another agent or job. */
export async function requireImageSession(ctx: EngineContext, ref: ImageSessionRef): Promise<OpenedSession> {
  const { pairingId } = peerOf(ctx);
  const row = await ctx.db.prisma.imageSession.findFirst({
    where: { id: ref.sessionId, pairingId, agentId: ref.agentId, jobId: ref.jobId },
    omit: { changedBlocks: true },
  });
  if (!row) throw notFound("image session");
  return { row, declared: Declared.parse(row.declared) };
}

/** Throws `conflict` when the session takes nothing any more, or what made it fail. */
export function assertOpen(row: SessionRow): void {
  if (row.state === "failed") throw failureOf(row);
  if (row.state !== "open") throw conflict(`This image session is ${row.state}; it takes no more. Start a new one.`);
}

/** Why a session failed, as an error. */
export function failureOf(row: SessionRow): TwincoreError {
  const message = row.failureMessage ?? "The image could not be committed.";
  switch (row.failureCode) {
    case "storage_full":
    case "unavailable":
    case "integrity":
    case "invalid_input":
    case "conflict":
      return new TwincoreError(row.failureCode, message);
    default:
      return new TwincoreError("internal", message);
  }
}

/** Where the records of an agent go. */
export async function domainOf(ctx: EngineContext, agentId: string): Promise<Domain> {
  const agent = await ctx.db.prisma.agent.findUnique({ where: { id: agentId } });
  if (!agent) throw notFound("agent");
  return ensureDomain(ctx, agent);
}
