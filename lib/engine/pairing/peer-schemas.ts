import { z } from "zod";
import { Bytes, Id } from "@/lib/engine/schemas";

/** Shapes of the ReplicationCommunication contract that belong to pairing, under the contract's names. Pure. */

/** PEM of a certificate or certificate request of an elliptic-curve key; real ones have less than 2 KiB. */
const Pem = z.string().min(1).max(8192);
/** 32 bytes. */
const Digest = z.base64().length(44);

export const PeerVersion = z.object({
  _Major: z.number().int().nonnegative(),
  _Minor: z.number().int().nonnegative(),
  _Build: z.number().int().nonnegative(),
  _Revision: z.number().int(),
});

export const RemoteCoreSummaryInfo = z.object({
  hostName: z.string().min(1).max(253),
  id: Id,
  isReplicationOnlyRepositorySupported: z.boolean().default(false),
  version: PeerVersion,
});
export type RemoteCoreSummaryInfo = z.infer<typeof RemoteCoreSummaryInfo>;

export const RequestedAgent = z.object({
  id: Id,
  displayName: z.string().min(1).max(200),
  hostName: z.string().max(253),
  /** Logical bytes of its newest recovery point. */
  size: Bytes,
});

export const ReplicationPairingRequest = z.object({
  masterCoreInfo: RemoteCoreSummaryInfo,
  /** PKCS #10 over the key of the TLS connection. */
  certificateRequest: Pem,
  emailAddress: z.union([z.email().max(254), z.literal("")]).default(""),
  customerId: z.string().max(120).default(""),
  comments: z.string().max(2000).default(""),
  agents: z.array(RequestedAgent).min(1).max(1000),
});
export type ReplicationPairingRequest = z.infer<typeof ReplicationPairingRequest>;

export const RequestPairingOutput = RemoteCoreSummaryInfo.extend({
  /** SHA-256 commitment to the target's share of the verification code; see lib/peer/README.md. */
  verificationCommitment: Digest,
});
export type RequestPairingOutput = z.infer<typeof RequestPairingOutput>;

export const MasterCorePairingStatus = z.object({
  /** The source's share of the verification code. The first one given counts. */
  verificationShare: Digest.optional(),
  /** Asks for a new certificate; only from a core that is paired. */
  certificateRequest: Pem.optional(),
});
export type MasterCorePairingStatus = z.infer<typeof MasterCorePairingStatus>;

/** Rejected carries a message. Deleted: the pairing was ended on the target. */
export const PeerPairingState = z.enum(["Pending", "Established", "Rejected", "Deleted"]);

export const ReplicationPairingStatus = z.object({
  pairingState: PeerPairingState,
  remoteCoreSummaryInfo: RemoteCoreSummaryInfo,
  message: z.string().max(2000).default(""),
  /** The target's share; only given after the source's arrived. */
  verificationShare: Digest.optional(),
  /** The signed certificate: when the pairing is established, or when a new one was asked for. */
  certificate: Pem.optional(),
  certificateAuthority: Pem.optional(),
  agents: z
    .array(
      z.object({
        agentId: Id,
        agentPairingState: z.enum(["Pending", "Established", "Rejected"]),
        /** Why it was refused. */
        message: z.string().max(2000).default(""),
      }),
    )
    .max(1000),
});
export type ReplicationPairingStatus = z.infer<typeof ReplicationPairingStatus>;

export const PeerDeletePairingInput = z.object({ deleteRecoveryPoints: z.stringbool().default(false) });

export const PeerRepository = z.object({ id: Id, name: z.string(), size: Bytes, free: Bytes });
export const PeerRepositories = z.object({ repositories: z.array(PeerRepository) });
export type PeerRepositories = z.infer<typeof PeerRepositories>;
