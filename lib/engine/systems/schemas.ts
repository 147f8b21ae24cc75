import { z } from "zod";
import { PairingState } from "@/lib/engine/pairing/schemas";
import { Bytes, Id, Instant, PageInput, page } from "@/lib/engine/schemas";

/** What the other core is to this one: source sends to here, target is sent to. self: this core. */
export const SystemRole = z.enum(["self", "source", "target"]);
export type SystemRole = z.infer<typeof SystemRole>;

/** A core, as this one knows it. A core that both sends and is sent to has a row for each. */
export const System = z.object({
  /** Of the pairing; of this core itself for self. */
  id: Id,
  role: SystemRole,
  pairingId: Id.nullable(),
  coreId: Id.nullable(),
  name: z.string(),
  /** Of the pairing; null for self. */
  state: PairingState.nullable(),
  version: z.string().nullable(),
  protocolVersion: z.number().int().nullable(),
  /** Where it is reached, or where it came from. */
  address: z.string().nullable(),
  /** Heard within the last three minutes; both cores speak once a minute. null: not established, so nobody expects a word. */
  isOnline: z.boolean().nullable(),
  lastContactAt: Instant.nullable(),
  tenant: z.object({ id: Id, name: z.string() }).nullable(),
  /** Its repositories together: measured for self, as it said last for others; null when it never did. */
  storage: z
    .object({ usedBytes: Bytes, freeBytes: Bytes, repositories: z.number().int(), at: Instant.nullable() })
    .nullable(),
  /** Agents that this pairing replicates; for self those that are captured here. */
  agents: z.number().int(),
  sessions: z.object({
    total: z.number().int(),
    behind: z.number().int(),
    failing: z.number().int(),
    paused: z.number().int(),
  }),
  /** Every one of its sessions is paused; by which side. */
  suspendedBy: SystemRole.exclude(["self"]).nullable(),
  /** The largest lag of its sessions, in seconds. */
  lagSeconds: z.number().int().nullable(),
  customerId: z.string(),
  contactEmail: z.string(),
  /** Why it was denied, or what the last contact said. */
  message: z.string(),
  requestedAt: Instant.nullable(),
  decidedAt: Instant.nullable(),
});
export type System = z.infer<typeof System>;

export const ListSystemsInput = PageInput.extend({
  role: SystemRole.optional(),
  /** Those that still wait for an answer too. */
  includePending: z.stringbool().or(z.boolean()).default(true),
  /** Denied, ignored, blocked and expired ones too. */
  includeRejected: z.stringbool().or(z.boolean()).default(false),
});
export type ListSystemsInput = z.infer<typeof ListSystemsInput>;

export const SystemPage = page(System);
export type SystemPage = z.infer<typeof SystemPage>;
