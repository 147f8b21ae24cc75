import "server-only";
import type { Tx } from "@/lib/db/client";
import { takeAttempt } from "@/lib/engine/accounts/throttle";
import type { EngineContext } from "@/lib/engine/context";
import { invalidInput, TwincoreError } from "@/lib/errors";
import type { PeerCall } from "./caller";
import { assertPeerSpoken, ownIntroduction } from "./internal";
import type { RemoteCoreSummaryInfo, VerifyPairingAbilityInput } from "./peer-schemas";
import { assertAdministrator } from "./peer-views";

/** One core needs one request; behind one address there may be a few. */
const PENDING_PER_ADDRESS_MAX = 5;
/** What a person can look through. */
const PENDING_MAX = 200;
/** Questions of one address in a quarter of an hour before it has to wait: somebody tries, mistypes, and tries again. */
const FREE_PER_ADDRESS = 120;

/**
 * VerifyReplicationCorePairingAbility, on the target: may this core pair here? Changes nothing. Throws what a demand (with
 * credentials) or a request (without) would be refused with: invalid_input for this core itself, conflict for a protocol that is not spoken,
 * forbidden for a blocked core, too_many_requests over the caps, unauthenticated without the credentials that were announced.
 */
export async function verifyPairingAbility(
  ctx: EngineContext,
  { useCredentials, ...core }: VerifyPairingAbilityInput,
  { caller }: PeerCall,
): Promise<RemoteCoreSummaryInfo> {
  if (useCredentials) assertAdministrator(caller);
  else await takeAttempt(ctx, `pairing-verify:${caller.address.slice(0, 64)}`, FREE_PER_ADDRESS);
  await assertPairable(ctx, core);
  await assertNotBlocked(ctx.db.prisma, { coreId: core.id, address: caller.address });
  // Only requests wait for a person.
  if (!useCredentials && !caller.enrolment) await assertUnderCaps(ctx.db.prisma, caller.address);
  return ownIntroduction(ctx);
}

/** Throws invalid_input when the core is this one, conflict when it speaks a protocol that this one does not. */
export async function assertPairable(ctx: EngineContext, core: RemoteCoreSummaryInfo): Promise<void> {
  const own = await ownIntroduction(ctx);
  if (own.id === core.id) throw invalidInput("A core cannot pair with itself: both ends have the same id.");
  await assertPeerSpoken(ctx, core);
}

/** As a core makes a new key for each request, the same core id from the same address counts as the blocked one too. */
export async function findBlocked(
  tx: Tx,
  { coreId, address, keyDigest }: { coreId: string; address: string; keyDigest?: Uint8Array<ArrayBuffer> },
): Promise<string | null> {
  const row = await tx.pairing.findFirst({
    where: {
      side: "target",
      state: "blocked",
      OR: [{ peerCoreId: coreId, peerAddress: address }, ...(keyDigest ? [{ requestKeyDigest: keyDigest }] : [])],
    },
    select: { id: true },
  });
  return row?.id ?? null;
}

/** Throws forbidden. */
export async function assertNotBlocked(tx: Tx, who: Parameters<typeof findBlocked>[1]): Promise<void> {
  if (await findBlocked(tx, who))
    throw new TwincoreError("forbidden", "This core does not hear yours: an administrator blocked it for good.");
}

/** Throws too_many_requests while too many requests of this address, or of all, wait for an answer. */
export async function assertUnderCaps(tx: Tx, address: string): Promise<void> {
  const where = { side: "target", state: "pending" } as const;
  const ofAddress = await tx.pairing.count({ where: { ...where, peerAddress: address } });
  if (ofAddress >= PENDING_PER_ADDRESS_MAX || (await tx.pairing.count({ where })) >= PENDING_MAX)
    throw new TwincoreError(
      "too_many_requests",
      "Too many pairing requests wait for an answer on this core. Ask its administrator to answer or ignore them.",
      { retryAfterSeconds: 3600 },
    );
}
