import type {
  AddAgentsChecks,
  AddAgentsRequest,
  EndReplicationsInput,
  EndReplicationsOutput,
} from "./agents/peer-schemas";
import type {
  DemandPairingOutput,
  MasterCorePairingStatus,
  PeerRepositories,
  RemoteCoreSummaryInfo,
  ReplicationPairingDemand,
  ReplicationPairingRequest,
  ReplicationPairingStatus,
  RequestPairingOutput,
} from "./peer-schemas";

/** What is needed to speak to a target as one of its sources. */
export interface PeerCredentials {
  /** Base URL of its peer listener. */
  readonly url: string;
  readonly key: string;
  readonly cert: string;
  /** PEM of the only CA to trust, or "first-contact": trust whatever answers, because people will compare its key. */
  readonly ca: string | "first-contact";
}

/** The other core, as pairing needs it. Every failure is a TwincoreError; `unavailable` when it cannot be reached. */
export interface PairingTarget {
  getCoreId(): Promise<string>;
  verifyPairingAbility(input: RemoteCoreSummaryInfo): Promise<RemoteCoreSummaryInfo>;
  requestPairing(input: ReplicationPairingRequest): Promise<RequestPairingOutput>;
  /** `authorization`: the header that proves that this core may. */
  demandPairing(input: ReplicationPairingDemand, authorization: string): Promise<DemandPairingOutput>;
  syncPairingStatus(input: MasterCorePairingStatus): Promise<ReplicationPairingStatus>;
  /** With the recovery points that it replicated, or without. */
  deletePairing(input: { deleteRecoveryPoints: boolean }): Promise<void>;
  /** Every check by name, whatever it says. */
  verifyAddAgents(input: AddAgentsRequest): Promise<AddAgentsChecks>;
  addAgents(input: AddAgentsRequest): Promise<void>;
  /** Those that it offers to this core. */
  getRepositories(): Promise<PeerRepositories>;
  /** These agents are replicated no more; which of them have no session over there now. */
  endReplications(input: EndReplicationsInput): Promise<EndReplicationsOutput>;
  /** DER of the certificates that the newest connection showed, its own first. */
  readonly chain: readonly Buffer[];
  close(): void;
}

/** The ways out of this core that verbs take while their caller waits. lib/peer provides it. */
export interface PeerGateway {
  open(credentials: PeerCredentials): PairingTarget;
}
