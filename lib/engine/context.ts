import type { Database } from "@/lib/db/client";
import type { PeerGateway } from "@/lib/engine/pairing/gateway";
import type { Log } from "@/lib/log";

export interface AccountActor {
  readonly kind: "account";
  readonly accountId: string;
  /** Its e-mail address. */
  readonly name: string;
  readonly role: string;
  /** Through which door; absent: the native API. */
  readonly door?: string;
  /** The tenants it is bound to; null or absent: it may know of all. */
  readonly tenantIds?: readonly string[] | null;
  readonly credential?: Credential;
}

/** What an account showed to be let in. */
export interface Credential {
  readonly kind: "browser" | "api-token" | "access-key" | "vendor-sign-in" | "password";
  /** Of the sign-in, the token or the key; null: a password that came with the request itself. */
  readonly id: string | null;
  /** When its owner last proved to be there, by a password or a second factor; null: nobody did. Protected actions ask for it. */
  readonly provenAt: Date | null;
  /** What it was given out for; null: all that its account may. */
  readonly scopes: readonly string[] | null;
}

/** Who asks. It reaches the audit trail through every door. */
export type Actor =
  | AccountActor
  | { kind: "peer"; pairingId: string; name: string }
  | { kind: "enrolment"; tokenId: string; name: string }
  | { kind: "job"; name: string }
  | { kind: "system" };

/** What later work an engine verb may ask for. lib/jobs must have a row for each. */
export interface JobPayloads {
  "run-replication": { sessionId: string; runId?: string };
  "run-task": { taskId: string };
  "tell-session": { sessionId: string };
  "advance-session": { sessionId: string };
  "poll-pairing": { pairingId: string };
  "delete-replicated-points": { pairingId: string };
  "renew-certificates": Record<string, never>;
  sweep: Record<string, never>;
  "do-agreed-request": { requestId: string };
  "commit-image": { imageSessionId: string };
  "measure-usage": Record<string, never>;
  "roll-up-usage": Record<string, never>;
  "compute-statements": Record<string, never>;
  "send-file": { fileId: string };
  "update-metadata": { agentId: string };
  "delete-agent": { agentId: string };
  "sync-repository": { syncSessionId: string };
  deliver: Record<string, never>;
  "drive-vault-replications": { pairingId: string };
}

export interface EnqueueOptions {
  /** At most one of this job and key is queued or running. */
  key?: string;
  afterSeconds?: number;
}

export type Enqueue = <K extends keyof JobPayloads>(
  job: K,
  payload: JobPayloads[K],
  options?: EnqueueOptions,
) => Promise<void>;

/** Everything an engine verb may use besides its input. */
export interface EngineContext {
  readonly actor: Actor;
  readonly db: Database;
  readonly enqueue: Enqueue;
  readonly log: Log;
  readonly now: () => Date;
  /** This core's key-encryption key, 32 bytes. */
  readonly secret: Buffer;
  readonly requestId?: string;
  /** Where the caller is, by its socket; absent: nobody called. */
  readonly address?: string;
  /** Through which door, as the audit trail calls it; absent: through none, or as the actor says. */
  readonly door?: string;
  /** The two-person request that a second person agreed to, and that is being done now. */
  readonly agreedRequestId?: string;
  /** Absolute folder of this core's own files; absent in processes that are not told. */
  readonly home?: string;
  /** Where other cores reach this one; absent in processes that are not told. */
  readonly peerUrl?: string;
  /** Where clients of other vendors' APIs reach it; absent when it has no such listener. */
  readonly vendorUrl?: string;
  /** Ways to other cores; absent where nothing speaks to them. */
  readonly peers?: PeerGateway;
}

/** Is this an account that may know of some tenants only? It is told nothing of disks, folders and other things of the core as a whole. */
export const isBound = ({ actor }: Pick<EngineContext, "actor">): boolean =>
  actor.kind === "account" && Array.isArray(actor.tenantIds);

/** The actor as one line for the audit trail. */
export function actorName(actor: Actor): string {
  switch (actor.kind) {
    case "account":
      return actor.door ? `account:${actor.name} (${actor.door})` : `account:${actor.name}`;
    case "peer":
      return `peer:${actor.name}`;
    case "enrolment":
      return `token:${actor.name}`;
    case "job":
      return `job:${actor.name}`;
    case "system":
      return "system";
    default:
      return actor satisfies never;
  }
}
