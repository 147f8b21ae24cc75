import { z } from "zod";
import { Bytes, Id, Instant } from "@/lib/engine/schemas";

export const CoreSummary = z.object({
  id: Id,
  name: z.string(),
  version: z.string(),
  /** Where peers reach this core; what a source types in to ask for pairing. */
  peerUrl: z.string(),
  /** SHA-256 of this core's CA certificate, hexadecimal with colons. */
  caFingerprint: z.string(),
  needsSetUp: z.boolean(),
});
export type CoreSummary = z.infer<typeof CoreSummary>;

export const Overview = z.object({
  core: CoreSummary,
  counts: z.object({
    pendingPairings: z.number().int(),
    /** Agents that established peers ask to replicate to here. */
    pendingAgents: z.number().int(),
    peers: z.number().int(),
    agents: z.number().int(),
    recoveryPoints: z.number().int(),
    sessions: z.number().int(),
    sessionsBehind: z.number().int(),
    sessionsFailing: z.number().int(),
    runsActive: z.number().int(),
    tasksActive: z.number().int(),
  }),
  storage: z.object({ storedBytes: Bytes, logicalBytes: Bytes, freeBytes: Bytes, totalBytes: Bytes }),
  /** Pack bytes over time, all repositories together. */
  usage: z.array(z.object({ at: Instant, storedBytes: Bytes, logicalBytes: Bytes })),
});
export type Overview = z.infer<typeof Overview>;

export const EventMessage = z.object({
  id: z.string(),
  at: Instant,
  kind: z.enum([
    "pairing",
    "agent",
    "recovery-point",
    "session",
    "run",
    "task",
    "repository",
    "core-file",
    "seed-drive",
    "policy",
    "alert",
    "channel",
    "delivery",
    "sync-session",
    "vault-replication",
    "setting",
    "usage",
    "price-plan",
    "statement",
    "two-person",
    "account",
    "sign-in",
    "quota",
    "tenant",
  ]),
  subject: z.string(),
});
export type EventMessage = z.infer<typeof EventMessage>;
