import { z } from "zod";
import { Email } from "@/lib/engine/accounts/schemas";
import { QuotaState } from "@/lib/engine/quotas/schemas";
import { Bytes, Id, Instant, PageInput } from "@/lib/engine/schemas";

/** Documents, statements and other cores carry it. */
export const TenantName = z.string().trim().min(1, "A tenant has a name.").max(120);
export const CustomerId = z.string().trim().max(120);
const ContactEmail = z.union([z.literal(""), Email]);
const Notes = z.string().trim().max(2000);
/** One customer's offices; beyond that they have a list of their own. */
const StatementEmails = z
  .array(Email)
  .max(20, "At most 20 addresses.")
  .transform((addresses) => [...new Set(addresses)]);

export const TimeZone = z.string().max(64).refine(isTimeZone, 'A time zone is an IANA name, as "Europe/Berlin".');

/** A customer in one line. Its figures are those of the last measurement. */
export const TenantSummary = z.object({
  id: Id,
  name: z.string(),
  customerId: z.string(),
  contactEmail: z.string(),
  timeZone: z.string(),
  /** The tenant of what this core captures itself. */
  isHome: z.boolean(),
  agents: z.number().int(),
  /** Established ones. */
  pairings: z.number().int(),
  recoveryPoints: z.number().int(),
  /** Logical bytes of the newest recovery points. */
  protectedBytes: Bytes,
  /** What all recovery points brought in, after deduplication and compression. */
  storedBytes: Bytes,
  /** The worse of its quotas. */
  quotaState: QuotaState,
  createdAt: Instant,
});
export type TenantSummary = z.infer<typeof TenantSummary>;

/** One customer, with its figures as they are now. */
export const TenantDetail = TenantSummary.extend({
  notes: z.string(),
  /** Who gets its final statements. */
  statementEmails: z.array(z.string()),
});
export type TenantDetail = z.infer<typeof TenantDetail>;

export const ListTenantsInput = PageInput.extend({
  /** Part of the name or of the customer id. */
  search: z.string().trim().max(200).optional(),
});
export type ListTenantsInput = z.infer<typeof ListTenantsInput>;

export const CreateTenantInput = z.object({
  name: TenantName,
  customerId: CustomerId.default(""),
  contactEmail: ContactEmail.default(""),
  notes: Notes.default(""),
  timeZone: TimeZone.default("UTC"),
  statementEmails: StatementEmails.default([]),
});
export type CreateTenantInput = z.infer<typeof CreateTenantInput>;

/** What is left out stays. */
export const UpdateTenantInput = z.object({
  id: Id,
  name: TenantName.optional(),
  customerId: CustomerId.optional(),
  contactEmail: ContactEmail.optional(),
  notes: Notes.optional(),
  timeZone: TimeZone.optional(),
  statementEmails: StatementEmails.optional(),
});
export type UpdateTenantInput = z.infer<typeof UpdateTenantInput>;

/** Somebody who knows of this tenant, and perhaps of a few others, but not of all. */
export const TenantAccount = z.object({
  id: Id,
  name: z.string(),
  email: z.string(),
  role: z.string(),
  isDisabled: z.boolean(),
  lastSignInAt: Instant.nullable(),
});
export type TenantAccount = z.infer<typeof TenantAccount>;

export const ListTenantAccountsInput = PageInput.extend({ tenantId: Id });
export type ListTenantAccountsInput = z.infer<typeof ListTenantAccountsInput>;

function isTimeZone(name: string): boolean {
  try {
    // An offset ("+02:00") is a zone to browsers, but has no days of 23 hours.
    return /^[A-Za-z]/.test(name) && Boolean(new Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
}
