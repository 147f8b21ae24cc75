import { z } from "zod";
import { Bytes, Id, Instant, PageInput } from "@/lib/engine/schemas";
import { TenantName } from "@/lib/engine/tenants/schemas";

export const PairingState = z.enum(["pending", "established", "denied", "ignored", "blocked", "expired", "deleted"]);
export const PairingWay = z.enum(["request", "demand", "token"]);
export const Side = z.enum(["source", "target"]);

export const WantedAgent = z.object({
  agentId: Id,
  name: z.string(),
  hostName: z.string(),
  sizeBytes: Bytes,
  approved: z.boolean(),
  state: z.enum(["pending", "approved", "denied"]),
  /** What the source said when it asked later; once it was denied: why. */
  message: z.string(),
  requestedAt: Instant,
  decidedAt: Instant.nullable(),
  repository: z.object({ id: Id, name: z.string() }).nullable(),
  quotaBytes: Bytes.nullable(),
});
export type WantedAgent = z.infer<typeof WantedAgent>;

export const PairingSummary = z.object({
  id: Id,
  /** On this core, for clients that know numbers only. */
  number: z.number().int().positive(),
  /** What this core is in it. */
  side: Side,
  state: PairingState,
  peerName: z.string(),
  peerAddress: z.string().nullable(),
  peerUrl: z.string().nullable(),
  peerVersion: z.string().nullable(),
  /** How it came about. */
  way: PairingWay,
  /** Target: the token that it was paired with. */
  enrolmentToken: z.object({ id: Id, name: z.string() }).nullable(),
  /** Of the protocol between cores: what the peer says that it speaks, null for none said, and whether this core does. */
  protocol: z.object({ version: z.number().int().nullable(), isSpoken: z.boolean() }),
  contactEmail: z.string(),
  customerId: z.string(),
  comments: z.string(),
  /** Eight characters in two groups, the same on both screens. */
  verificationCode: z.string(),
  /** SHA-256 of the key that asked, hexadecimal with colons. */
  keyFingerprint: z.string(),
  /** Target: SHA-256 of the certificate that a client of the original contract brought; compared instead of a code. */
  certificateFingerprint: z.string().nullable(),
  /** Those that count now. */
  certificates: z.array(
    z.object({ fingerprint: z.string(), notBefore: Instant, notAfter: Instant, isRegistered: z.boolean() }),
  ),
  /** Whether the replicated recovery points on the target go with the pairing, and how far that is. */
  pointDeletion: z
    .object({
      askedAt: Instant,
      endedAt: Instant.nullable(),
      deleted: z.number().int(),
      /** Locked ones. */
      kept: z.number().int(),
    })
    .nullable(),
  message: z.string(),
  tenant: z.object({ id: Id, name: z.string() }).nullable(),
  rateCapBytesPerSecond: Bytes.nullable(),
  /** Target: where agents go that the source asks for later; null: people answer each. */
  acceptRepository: z.object({ id: Id, name: z.string() }).nullable(),
  certificateNotAfter: Instant.nullable(),
  requestedAt: Instant,
  expiresAt: Instant.nullable(),
  decidedAt: Instant.nullable(),
  decidedBy: z.string().nullable(),
  lastContactAt: Instant.nullable(),
  wantedAgents: z.array(WantedAgent),
});
export type PairingSummary = z.infer<typeof PairingSummary>;

export const ListPairingsInput = PageInput.extend({
  state: PairingState.optional(),
  side: Side.optional(),
  /** Whose; of a source side: none. */
  tenantId: Id.optional(),
  /** open: only established peers that ask to replicate more agents to this core. */
  agentRequests: z.literal("open").optional(),
});
export type ListPairingsInput = z.infer<typeof ListPairingsInput>;

/** On the source: ask another core to take our agents. */
export const SendPairingRequestInput = z.object({
  /** Base URL of the target's peer listener, https. */
  targetUrl: z.url({ protocol: /^https$/ }).max(500),
  agentIds: z.array(Id).min(1).max(1000),
  contactEmail: z.union([z.email().max(254), z.literal("")]).default(""),
  customerId: z.string().trim().max(120).default(""),
  comments: z.string().trim().max(2000).default(""),
});
export type SendPairingRequestInput = z.infer<typeof SendPairingRequestInput>;

export const ProbePeerInput = SendPairingRequestInput.pick({ targetUrl: true });
export type ProbePeerInput = z.infer<typeof ProbePeerInput>;

/** What answers at an address, before anything secret is sent there. */
export const PeerProbe = z.object({
  targetUrl: z.string(),
  coreId: Id,
  name: z.string(),
  version: z.string(),
  /** SHA-256 of its CA certificate, as its own Settings page shows it. */
  caFingerprint: z.string(),
});
export type PeerProbe = z.infer<typeof PeerProbe>;

/** On the source: pair at once. One of `token` and `administrator`. */
export const DemandPairingInput = SendPairingRequestInput.omit({ comments: true })
  .extend({
    token: z.string().trim().min(1).max(200).optional(),
    administrator: z
      .object({
        email: z
          .string()
          .trim()
          .min(1)
          .max(254)
          .regex(/^[^:]+$/),
        password: z.string().min(1).max(1024),
        /** Of the probe, after a person compared it. */
        expectedFingerprint: z.string().min(1).max(100),
      })
      .optional(),
  })
  .refine((input) => (input.token === undefined) !== (input.administrator === undefined), {
    message: "Give either a token, or name and password of an administrator.",
    path: ["token"],
  });
export type DemandPairingInput = z.infer<typeof DemandPairingInput>;

export const ApprovePairingInput = z.object({
  id: Id,
  /** Per wanted agent; those left out are not taken. */
  agents: z
    .array(z.object({ agentId: Id, repositoryId: Id, quotaBytes: Bytes.positive().nullable().default(null) }))
    .min(1)
    .max(1000),
  /** An existing tenant, or the name of a new one. Neither: a new one, named like the other core. */
  tenantId: Id.optional(),
  tenantName: TenantName.optional(),
  rateCapBytesPerSecond: Bytes.positive().nullable().default(null),
  /** Agents that the core asks for later are taken in at once, into this repository; absent: people answer each. */
  acceptRepositoryId: Id.optional(),
  /** Needed for a core that brought its own certificate: the fingerprint that two people compared. */
  comparedFingerprint: z.string().max(100).optional(),
});
export type ApprovePairingInput = z.infer<typeof ApprovePairingInput>;

/** By its number, with the whole request into one repository: what clients say that know no agents. */
export const AnswerPairingInput = z
  .object({
    number: z.number().int().positive(),
    accept: z.boolean(),
    /** Told to the other core; needed to refuse. */
    message: z.string().trim().max(1000).default(""),
    /** The repository's number; the oldest repository when absent. */
    repositoryNumber: z.number().int().positive().nullable().default(null),
  })
  .refine(({ accept, message }) => accept || message !== "", {
    message: "Say why the request is refused: a message is required.",
    path: ["message"],
  });
export type AnswerPairingInput = z.infer<typeof AnswerPairingInput>;

export const SetPeerStorageInput = z.object({
  number: z.number().int().positive(),
  repositoryNumber: z.number().int().positive(),
  customerId: z.string().trim().max(120).optional(),
});
export type SetPeerStorageInput = z.infer<typeof SetPeerStorageInput>;

/** Pairs at once with a core that gave a token, with all agents of this one that are captured here. */
export const JoinTargetInput = z.object({
  host: z.string().trim().min(1).max(300),
  address: z.string().trim().max(300).optional(),
  port: z.number().int().min(1).max(65_535),
  token: z.string().trim().min(1).max(200),
});
export type JoinTargetInput = z.infer<typeof JoinTargetInput>;

/** Asks another core for all agents of this one that are captured here. */
export const AskTargetInput = z.object({
  /** A name or address, with a port when it is not the usual one. */
  host: z.string().trim().min(1).max(300),
  /** Where to connect instead of looking the name up. */
  address: z.string().trim().max(300).optional(),
  /** Trust a core that this one does not know yet. */
  isConfirmed: z.boolean(),
});
export type AskTargetInput = z.infer<typeof AskTargetInput>;

export const ListPeersInput = z.object({
  id: Id.optional(),
  side: Side.optional(),
  states: z.array(PairingState).min(1),
  number: z.number().int().positive().optional(),
  offset: z.number().int().min(0).max(1_000_000).default(0),
  limit: z.number().int().min(1).max(2_000).default(1_000),
});
export type ListPeersInput = z.input<typeof ListPeersInput>;

/** Another core in one line, with how its replication stands as a whole. */
export const PeerStanding = z.object({
  id: Id,
  number: z.number().int(),
  side: Side,
  state: PairingState,
  name: z.string(),
  host: z.string(),
  version: z.string().nullable(),
  coreId: Id.nullable(),
  message: z.string(),
  verificationCode: z.string(),
  tenant: z.object({ id: Id, name: z.string() }).nullable(),
  requestedAt: Instant,
  updatedAt: Instant,
  lastContactAt: Instant.nullable(),
  /** It was heard, or answered, within the last minutes. */
  isOnline: z.boolean(),
  sessions: z.number().int(),
  /** Paused on this core · on the other one. */
  pausedHere: z.number().int(),
  pausedThere: z.number().int(),
  running: z.number().int(),
  /** As the other core last reported its repositories; null: it never did. */
  storage: z.object({ name: z.string(), freeBytes: Bytes, totalBytes: Bytes }).nullable(),
});
export type PeerStanding = z.infer<typeof PeerStanding>;

export const DenyPairingInput = z.object({ id: Id, message: z.string().trim().min(1).max(1000) });
export type DenyPairingInput = z.infer<typeof DenyPairingInput>;

export const IgnorePairingInput = z.object({
  id: Id,
  /** true: this key is never heard again. false: it may ask again. */
  forGood: z.boolean().default(false),
});
export type IgnorePairingInput = z.infer<typeof IgnorePairingInput>;

/** What is left out stays. */
export const UpdatePairingInput = z.object({
  id: Id,
  rateCapBytesPerSecond: Bytes.positive().nullable().optional(),
  /** A person's words about the other core. */
  description: z.string().trim().max(1_000).optional(),
  /** Target: agents that the source asks for later are taken in at once, into this repository; null: people answer each. */
  acceptRepositoryId: Id.nullable().optional(),
});
export type UpdatePairingInput = z.infer<typeof UpdatePairingInput>;

export const DeletePairingInput = z.object({
  id: Id,
  /** true: the recovery points that it replicated are deleted on the target, all but locked ones. false: they stay. */
  deleteRecoveryPoints: z.stringbool().or(z.boolean()).optional(),
});
export type DeletePairingInput = z.infer<typeof DeletePairingInput>;
