import { z } from "zod";
import { Bytes, Id } from "@/lib/engine/schemas";

/** Shapes of the ReplicationCommunication contract that belong to pairing, under the contract's names. Pure. */

/** PEM of a certificate or certificate request of an elliptic-curve key; real ones have less than 2 KiB. */
const Pem = z.string().min(1).max(8192);
/** 32 bytes. */
const Digest = z.base64().length(44);
/** As many agents as one pairing may begin with. */
const AGENTS_MAX = 1000;
const ProtocolVersion = z.number().int().min(0).max(65_535);

export const PeerVersion = z
  .object({
    _Major: z.number().int().nonnegative(),
    _Minor: z.number().int().nonnegative(),
    _Build: z.number().int().nonnegative(),
    _Revision: z.number().int(),
  })
  .meta({ xmlNamespace: "http://schemas.datacontract.org/2004/07/System" });

export const RemoteCoreSummaryInfo = z.object({
  hostName: z.string().min(1).max(253),
  id: Id,
  // The contract's name ends in a blank.
  isReplicationOnlyRepositorySupported: z
    .boolean()
    .default(false)
    .meta({ xmlName: "isReplicationOnlyRepositorySupported_x0020_" }),
  version: PeerVersion,
  /** Of the protocol between cores; absent from clients of the original contract. */
  protocolVersion: ProtocolVersion.optional(),
});
export type RemoteCoreSummaryInfo = z.infer<typeof RemoteCoreSummaryInfo>;

export const RemoteCoreSummaryInfos = z.object({
  cores: z.array(RemoteCoreSummaryInfo).meta({ xmlItem: "remoteCoreSummaryInfo", xmlBare: true }),
});
export type RemoteCoreSummaryInfos = z.infer<typeof RemoteCoreSummaryInfos>;

const UseCredentials = z.stringbool().default(false);
export const GetCoreIdInput = z.object({ useCredentials: UseCredentials });
export const VerifyPairingAbilityInput = RemoteCoreSummaryInfo.extend({ useCredentials: UseCredentials });
export type VerifyPairingAbilityInput = z.infer<typeof VerifyPairingAbilityInput>;

export const RequestedAgent = z.object({
  id: Id,
  displayName: z.string().min(1).max(200),
  hostName: z.string().max(253).default(""),
  /** Logical bytes of its newest recovery point. */
  size: Bytes.default(0),
});

/** Who asks, and with which key: one of the two, a request to sign or a certificate to take as it is. */
const Asking = z.object({
  masterCoreInfo: RemoteCoreSummaryInfo,
  /** PKCS #10 over the key of the TLS connection; then the answer holds the certificate. */
  certificateRequest: Pem.optional(),
  /** Clients of the original contract: their own certificate, PEM or base64 of its DER, which they go on using. */
  clientCertificate: Pem.optional(),
  emailAddress: z.union([z.email().max(254), z.literal("")]).default(""),
  customerId: z.string().max(120).default(""),
  comments: z.string().max(2000).default(""),
});

export const ReplicationPairingRequest = Asking.extend({
  agents: z.array(RequestedAgent).min(1).max(AGENTS_MAX).meta({ xmlItem: "agent" }),
});
export type ReplicationPairingRequest = z.infer<typeof ReplicationPairingRequest>;

export const RequestPairingOutput = RemoteCoreSummaryInfo.extend({
  /** SHA-256 commitment to the target's share of the verification code; see lib/peer/README.md. */
  verificationCommitment: Digest,
});
export type RequestPairingOutput = z.infer<typeof RequestPairingOutput>;

const Name = z.string().max(253);

/** An agent that an administrator of the target, or who holds a token of it, puts there. */
export const ReplicatedAgentByDemand = z.object({
  agentInfo: z.object({
    ServerType: Name.optional(),
    displayName: z.string().min(1).max(200),
    hostName: Name.default(""),
    hostUri: z.string().max(500).optional(),
    id: Id,
    repositoryType: Name.nullable().default(null),
    /** Logical bytes of its newest recovery point. */
    size: Bytes.default(0),
  }),
  enableSafeDataStoring: z.boolean().default(false),
  encryptionKeyId: z.string().max(200).default(""),
  isCluster: z.boolean().default(false),
  machineFlags: z.string().max(200).nullable().default(null),
  parentAgentId: Id.nullable().default(null),
  parentClusterId: Id.nullable().default(null),
  /** Most bytes that its recovery points may occupy; null: no limit. */
  quotaBytes: Bytes.positive().nullable().default(null),
  /** Absent, nil or all zeros: the target chooses. */
  repositoryId: Id.nullable().default(null),
});
export type ReplicatedAgentByDemand = z.infer<typeof ReplicatedAgentByDemand>;

export const ReplicationPairingDemand = Asking.extend({
  agents: z.array(ReplicatedAgentByDemand).max(AGENTS_MAX).default([]).meta({ xmlItem: "replicatedAgentByDemand" }),
});
export type ReplicationPairingDemand = z.infer<typeof ReplicationPairingDemand>;

const AgentPairing = z.object({
  agentId: Id,
  agentPairingState: z.enum(["Pending", "Established", "Rejected"]),
  /** Why it was refused. */
  message: z.string().max(2000).default(""),
});
/** Agents may be added to a pairing later. */
const AgentPairings = z
  .array(AgentPairing)
  .max(10 * AGENTS_MAX)
  .meta({ xmlItem: "agentPairing" });

export const DemandPairingOutput = RemoteCoreSummaryInfo.extend({
  /** The certificate to use from now on: signed here, or the one that was brought. */
  certificate: Pem,
  certificateAuthority: Pem,
  agents: AgentPairings,
});
export type DemandPairingOutput = z.infer<typeof DemandPairingOutput>;

export const MasterCorePairingStatus = z.object({
  /** The source's share of the verification code. The first one given counts. */
  verificationShare: Digest.optional(),
  /** Asks for a new certificate; only from a core that is paired. */
  certificateRequest: Pem.optional(),
  /** Of the protocol between cores, as the source speaks it now. */
  protocolVersion: ProtocolVersion.optional(),
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
  agents: AgentPairings,
});
export type ReplicationPairingStatus = z.infer<typeof ReplicationPairingStatus>;

export const PeerDeletePairingInput = z.object({ deleteRecoveryPoints: z.stringbool().default(false) });

export const PeerRepository = z.object({
  id: Id,
  size: Bytes,
  free: Bytes,
  status: z.enum(["Mounted", "Error"]),
  repositoryMaintenanceState: z.enum(["Ok", "Error"]),
  spec: z.object({ name: z.string(), comment: z.string().default("") }),
});
export type PeerRepository = z.infer<typeof PeerRepository>;

export const PeerRepositories = z.object({
  repositories: z.array(PeerRepository).meta({ xmlItem: "repositorySummary", xmlBare: true }),
});
export type PeerRepositories = z.infer<typeof PeerRepositories>;
