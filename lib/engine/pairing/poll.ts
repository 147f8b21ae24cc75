import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { PROTOCOL_VERSION } from "@/lib/engine/core";
import { emitEvent } from "@/lib/engine/events/emit";
import { deleteKeys } from "@/lib/engine/trust/sealed-keys";
import { TwincoreError, toTwincoreError } from "@/lib/errors";
import type { PairingState } from "@/prisma/generated/enums";
import { hearAnswers } from "./agents/hear";
import { tellPolicies } from "./agents/tell-policies";
import { loadCredentials } from "./credentials";
import { endPairing } from "./delete";
import { installCertificate } from "./install";
import { assertPeerSpoken, gatewayOf, lockPairing, sealedKeyName, versionText } from "./internal";
import type { ReplicationPairingStatus } from "./peer-schemas";

const POLL_MIN_MS = 2_000;
const POLL_MAX_MS = 60_000;
/** A target that is away for longer than this learns of the end by itself: nothing comes any more. */
const GOODBYE_MS = 7 * 24 * 3600_000;
/** The target has forgotten us: not found, or no certificate it knows. */
const FORGOTTEN: ReadonlySet<string> = new Set(["not_found", "unauthenticated"]);

interface Polled {
  id: string;
  state: PairingState;
  requestedAt: Date;
  expiresAt: Date | null;
  decidedAt: Date | null;
  deletePointsAskedAt: Date | null;
}

/**
 * The source's side of what happens while a request waits: asks the target, installs the certificate once it is there, and asks
 * again later otherwise. For an established pairing it finds out whether the target ended it; for one ended here it tells the target.
 */
export async function pollPairing(ctx: EngineContext, input: { pairingId: string }): Promise<void> {
  const pairing = await ctx.db.prisma.pairing.findUnique({
    where: { id: input.pairingId, side: "source" },
    select: { id: true, state: true, requestedAt: true, expiresAt: true, decidedAt: true, deletePointsAskedAt: true },
  });
  if (pairing?.state === "pending") await pollRequest(ctx, pairing);
  else if (pairing?.state === "established") await checkEstablished(ctx, pairing);
  else if (pairing?.state === "deleted") await sayGoodbye(ctx, pairing);
}

/** How long to wait before asking again: a tenth of the time it has lasted, so that a person who answers at once is heard at once. */
export function pollDelayMs(sinceMs: number): number {
  return Math.min(POLL_MAX_MS, Math.max(POLL_MIN_MS, sinceMs / 10));
}

async function pollRequest(ctx: EngineContext, pairing: Polled): Promise<void> {
  if (pairing.expiresAt && pairing.expiresAt <= ctx.now())
    return close(ctx, pairing.id, "expired", "Nobody answered in time. Send a new request.");
  try {
    await act(ctx, pairing, await askStatus(ctx, pairing.id));
  } catch (thrown) {
    const error = toTwincoreError(thrown);
    if (FORGOTTEN.has(error.code))
      return close(ctx, pairing.id, "expired", "The other core does not know this request any more. Send a new one.");
    await note(ctx, pairing.id, error.message);
    await pollAgain(ctx, pairing.id, pairing.requestedAt);
  }
}

async function act(ctx: EngineContext, pairing: Polled, status: ReplicationPairingStatus): Promise<void> {
  switch (status.pairingState) {
    case "Pending":
      await note(ctx, pairing.id, "", ctx.now());
      return pollAgain(ctx, pairing.id, pairing.requestedAt);
    case "Established":
      return installCertificate(ctx, { pairingId: pairing.id, status });
    case "Rejected":
      return close(ctx, pairing.id, "denied", status.message || "The other core refused.");
    case "Deleted":
      return endLocally(ctx, pairing.id);
    default:
      status.pairingState satisfies never;
  }
}

/** From here on the points are the target's to delete. */
async function noteDeletionTold(ctx: EngineContext, { id, deletePointsAskedAt }: Polled): Promise<void> {
  if (!deletePointsAskedAt) return;
  await withTransaction(ctx.db, async (tx) => {
    await tx.pairing.update({ where: { id }, data: { deletePointsEndedAt: ctx.now() } });
    await emitEvent(tx, "pairing", id);
  });
}

/** Established here: what policies ask of the target, whether it ended the pairing meanwhile, and what it answered to agents that it was asked for later. What cannot be asked just now is asked another time. */
async function checkEstablished(ctx: EngineContext, pairing: Polled): Promise<void> {
  const refusal = await tellPolicies(ctx, pairing.id);
  const status = await askStatus(ctx, pairing.id).catch(async (thrown: unknown) => {
    if (isUnspoken(thrown)) await note(ctx, pairing.id, thrown.message, ctx.now());
    throw thrown;
  });
  if (status.pairingState === "Deleted") return endLocally(ctx, pairing.id);
  await note(ctx, pairing.id, refusal, ctx.now());
  await hearAnswers(ctx, { pairingId: pairing.id, status });
  const waiting = await ctx.db.prisma.pairingAgent.findFirst({
    where: { pairingId: pairing.id, state: "pending" },
    orderBy: { requestedAt: "desc" },
    select: { requestedAt: true },
  });
  if (waiting) await pollAgain(ctx, pairing.id, waiting.requestedAt);
}

async function sayGoodbye(ctx: EngineContext, pairing: Polled): Promise<void> {
  const endedAt = pairing.decidedAt ?? pairing.requestedAt;
  const told = await tell(ctx, pairing);
  if (told) await noteDeletionTold(ctx, pairing);
  if (told || endedAt.getTime() + GOODBYE_MS <= ctx.now().getTime())
    await deleteKeys(ctx.db.prisma, [sealedKeyName(pairing.id)]);
  else await pollAgain(ctx, pairing.id, endedAt);
}

/** Does the target know by now? A target that does not know us either has nothing to be told. */
async function tell(ctx: EngineContext, { id: pairingId, deletePointsAskedAt }: Polled): Promise<boolean> {
  const deleteRecoveryPoints = deletePointsAskedAt !== null;
  try {
    const target = gatewayOf(ctx).open(await loadCredentials(ctx, pairingId));
    await target.deletePairing({ deleteRecoveryPoints }).finally(() => target.close());
    return true;
  } catch (thrown) {
    const error = toTwincoreError(thrown);
    if (!FORGOTTEN.has(error.code)) ctx.log.info({ pairingId, error: error.message }, "cannot tell the target yet");
    return FORGOTTEN.has(error.code);
  }
}

/** Asks, and keeps what the target says of itself. Throws conflict with detail "protocol" when the two speak none in common. */
async function askStatus(ctx: EngineContext, pairingId: string): Promise<ReplicationPairingStatus> {
  const target = gatewayOf(ctx).open(await loadCredentials(ctx, pairingId));
  const status = await target.syncPairingStatus({ protocolVersion: PROTOCOL_VERSION }).finally(() => target.close());
  const peer = status.remoteCoreSummaryInfo;
  await ctx.db.prisma.pairing.update({
    where: { id: pairingId },
    data: { peerVersion: versionText(peer), peerProtocol: peer.protocolVersion ?? null },
  });
  await assertPeerSpoken(ctx, peer);
  return status;
}

/** Do the two cores speak no protocol in common any more, as one of them said? */
const isUnspoken = (thrown: unknown): thrown is TwincoreError =>
  thrown instanceof TwincoreError && thrown.options.detail === "protocol";

async function pollAgain(ctx: EngineContext, pairingId: string, since: Date): Promise<void> {
  const now = ctx.now().getTime();
  const delayMs = pollDelayMs(now - since.getTime());
  // The running job holds its own key; the next one needs another, and the same for whoever else asks for it.
  const slot = Math.ceil((now + delayMs) / POLL_MIN_MS);
  const options = { key: `${pairingId}/${slot}`, afterSeconds: Math.ceil(delayMs / 1000) };
  await ctx.enqueue("poll-pairing", { pairingId }, options);
}

/** What the last contact said; pages hear of it when it says something new. */
async function note(ctx: EngineContext, id: string, message: string, lastContactAt?: Date): Promise<void> {
  await withTransaction(ctx.db, async (tx) => {
    const before = await lockPairing(tx, id);
    if (before.state === "deleted") return;
    await tx.pairing.update({ where: { id }, data: { message, lastContactAt, updatedAt: ctx.now() } });
    if (before.message !== message) await emitEvent(tx, "pairing", id);
  });
}

async function close(ctx: EngineContext, id: string, state: "denied" | "expired", message: string): Promise<void> {
  await withTransaction(ctx.db, async (tx) => {
    const pairing = await lockPairing(tx, id);
    if (pairing.state !== "pending") return;
    await tx.pairing.update({ where: { id }, data: { state, message, decidedAt: ctx.now() } });
    await deleteKeys(tx, [sealedKeyName(id)]);
    await writeAudit(tx, ctx, `pairing.${state}`, id, { message });
    await emitEvent(tx, "pairing", id);
  });
}

async function endLocally(ctx: EngineContext, id: string): Promise<void> {
  await withTransaction(ctx.db, async (tx) => {
    await endPairing(tx, ctx, await lockPairing(tx, id), "Ended by the other core.");
    await deleteKeys(tx, [sealedKeyName(id)]);
  });
}

/** Was it the target that no longer knows this pairing? Then it has ended, not failed. */
export function isForgotten(error: unknown): boolean {
  return error instanceof TwincoreError && FORGOTTEN.has(error.code);
}
