import { z } from "zod";
import { Instant, PageInput } from "@/lib/engine/schemas";

export const AUDIT_DOORS = ["browser", "api", "unitrends", "powerstore", "cbr", "veeam", "peer"] as const;
export const AUDIT_RESULTS = ["done", "refused", "failed"] as const;
export const AuditResult = z.enum(AUDIT_RESULTS);
export type AuditResult = z.infer<typeof AuditResult>;

/** One entry as people see it. */
export const AuditEntry = z.object({
  id: z.string(),
  at: Instant,
  /** As one line: "account:ada@example.com". */
  actor: z.string(),
  /** "account", "peer", "enrolment", "job", "system"; "nobody": who has not signed in. */
  actorKind: z.string(),
  actorId: z.string().nullable(),
  action: z.string(),
  subject: z.string(),
  /** "browser", "api", "unitrends", "powerstore", "cbr", "veeam", "peer"; empty: no door. */
  door: z.string(),
  address: z.string(),
  requestId: z.string(),
  result: AuditResult,
  /** Why it was refused or failed. */
  reason: z.string(),
  detail: z.record(z.string(), z.unknown()),
  /** Place in the chain, from 1 without a gap. */
  position: z.number().int().nullable(),
  /** SHA-256 over the entry before and this one, hexadecimal. */
  hash: z.string().nullable(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

const Text = z.string().trim().max(200);

export const AuditFilter = z.object({
  /** Part of the actor's line: an e-mail address, a core's name. */
  actor: Text.optional(),
  /** "pairing.approve", or the beginning of one: "pairing." */
  action: Text.optional(),
  /** The whole subject: an id, or an e-mail address. */
  subject: Text.optional(),
  result: AuditResult.optional(),
  door: z.enum(AUDIT_DOORS).optional(),
  /** From this moment on. */
  from: Instant.optional(),
  /** Until before this moment. */
  to: Instant.optional(),
  /** Part of the subject, the address, the reason, the request id or the detail. */
  text: Text.optional(),
});
export type AuditFilter = z.infer<typeof AuditFilter>;

export const SearchAuditInput = AuditFilter.extend(PageInput.shape);
export type SearchAuditInput = z.infer<typeof SearchAuditInput>;

export const AuditPage = z.object({
  items: z.array(AuditEntry),
  nextCursor: z.string().nullable(),
  /** Entries were looked at back to this moment; null: all that there are. Rare matches among many take more than one page. */
  searchedTo: Instant.nullable(),
});
export type AuditPage = z.infer<typeof AuditPage>;

export const AUDIT_FINDINGS = [
  "changed",
  "missing",
  "missing-tail",
  "unchained",
  "rewritten",
  "forged-checkpoint",
] as const;

/** What is wrong with the trail. */
export const AuditFinding = z.object({
  kind: z.enum(AUDIT_FINDINGS),
  /** Place in the chain where it shows; null: it has none. */
  position: z.number().int().nullable(),
  message: z.string(),
});
export type AuditFinding = z.infer<typeof AuditFinding>;

export const AuditReport = z.object({
  /** "going": stopped in time, goes on from `position`. */
  state: z.enum(["sound", "broken", "going"]),
  /** Entries up to this one are sound. */
  position: z.number().int(),
  /** Of the entry at `position`, hexadecimal. */
  hash: z.string(),
  /** The newest entry when the look began. */
  head: z.number().int(),
  finding: AuditFinding.nullable(),
  checkpoints: z.object({
    /** Compared with the chain, from the database. */
    database: z.number().int(),
    /** The same from the file in the home; null: there is none. */
    file: z.number().int().nullable(),
    /** false: this core's key was not at hand, so that who made them is not known. */
    keyed: z.boolean(),
    /** The newest one. */
    newestAt: Instant.nullable(),
  }),
});
export type AuditReport = z.infer<typeof AuditReport>;

/** How far the trail was verified from the page. */
export const AuditStanding = z.object({
  /** Entries in the chain now. */
  head: z.number().int(),
  checkpointAt: Instant.nullable(),
  verification: z
    .object({
      state: z.enum(["sound", "broken", "going"]),
      startedAt: Instant,
      checkedAt: Instant,
      position: z.number().int(),
      finding: AuditFinding.nullable(),
    })
    .nullable(),
});
export type AuditStanding = z.infer<typeof AuditStanding>;

export const VerifyAuditInput = z.object({
  /** From the first entry on, whatever was verified before; else one that was not finished goes on. */
  restart: z.boolean().default(false),
});
export type VerifyAuditInput = z.infer<typeof VerifyAuditInput>;

export const ExportAuditInput = AuditFilter.extend({ format: z.enum(["csv", "jsonl"]).default("csv") });
export type ExportAuditInput = z.infer<typeof ExportAuditInput>;
