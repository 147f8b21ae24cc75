import type { AccountActor, EngineContext } from "@/lib/engine/context";
import { TwincoreError } from "@/lib/errors";

/**
 * Who is at the other end of a peer connection, decided anew for every request.
 * anonymous: no certificate, or one that means nothing here · pending: its key has asked for pairing, whatever came of it ·
 * paired: it holds a certificate of ours that counts now · ended: it did, and its pairing was ended.
 */
export interface Caller {
  readonly standing: "anonymous" | "pending" | "paired" | "ended";
  /** null for anonymous callers. */
  readonly pairingId: string | null;
  readonly name: string;
  /** Address of the TCP connection. */
  readonly address: string;
  /** DER of the certificate whose key the TLS connection proved; null when none was shown. */
  readonly certificate: Buffer | null;
  /** Why it is not paired, for the one who asks. */
  readonly reason: string;
  /** The administrator of this core whose name and password came along. */
  readonly administrator: { readonly accountId: string; readonly name: string } | null;
  /** The one-time enrolment token that came along and still counts. */
  readonly enrolment: { readonly tokenId: string; readonly name: string } | null;
}

/** The part of a caller that the TLS connection proves. */
export type CertificateHolder = Omit<Caller, "administrator" | "enrolment">;

/** What comes with a call besides its input. */
export interface PeerCall {
  /** The raw request body of a streaming operation; it throws `unavailable` when the connection breaks before its end. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Aborted when the caller goes away. */
  readonly signal: AbortSignal;
  readonly caller: Caller;
}

/** The pairing that a verb answers to. Throws unauthenticated when the actor is no paired core. */
export function peerOf(ctx: EngineContext): { pairingId: string; name: string } {
  if (ctx.actor.kind !== "peer")
    throw new TwincoreError("unauthenticated", "Only a paired core may ask this. Pair with this core first.");
  return ctx.actor;
}

/** An administrator who sent name and password with the call itself: nobody can have proved more freshly to be there. */
export const administratorActor = (administrator: NonNullable<Caller["administrator"]>, now: Date): AccountActor => ({
  kind: "account",
  ...administrator,
  role: "administrator",
  credential: { kind: "password", id: null, provenAt: now, scopes: null },
});
