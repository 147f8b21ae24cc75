import { z } from "zod";
import { Role } from "@/lib/engine/accounts/schemas";
import { Id, Instant, PageInput, page } from "@/lib/engine/schemas";
import { PROTECTED_ACTIONS, PROTECTION_RULES, type ProtectedAction, type ProtectionRule } from "./actions";

export const ProtectionRuleName = z.enum(Object.keys(PROTECTION_RULES) as [ProtectionRule, ...ProtectionRule[]]);
/** Those that people switch on and off; loosening the others is protected whatever they say. */
export const SwitchableRule = ProtectionRuleName.exclude(["change-rules"]);
export type SwitchableRule = z.infer<typeof SwitchableRule>;

const ProofMinutes = z.number().int().min(1).max(60);
const ExpiryHours = z.number().int().min(1).max(168);
const SecondPerson = z
  .array(SwitchableRule)
  .max(SwitchableRule.options.length)
  .transform((rules) => SwitchableRule.options.filter((rule) => rules.includes(rule)));

/** As it is kept: one that another version knew must not make the others count for nothing. */
const KeptSecondPerson = z
  .array(z.string())
  .transform((rules) => SwitchableRule.options.filter((rule) => rules.includes(rule)));

export const ProtectionSettings = z.object({
  /** What takes a second person. */
  secondPerson: KeptSecondPerson.default([]),
  /** For how long a proof of being there counts. */
  proofMinutes: ProofMinutes.default(15),
  /** How long a request waits for a second person. */
  expiryHours: ExpiryHours.default(24),
});
export type ProtectionSettings = z.output<typeof ProtectionSettings>;

/** What is left out stays. */
export const UpdateProtectionInput = z.object({
  secondPerson: SecondPerson.optional(),
  proofMinutes: ProofMinutes.optional(),
  expiryHours: ExpiryHours.optional(),
});
export type UpdateProtectionInput = z.infer<typeof UpdateProtectionInput>;

/** The rules as they are, and whether they could be kept to. */
export const ProtectionReport = z.object({
  secondPerson: z.array(SwitchableRule),
  proofMinutes: ProofMinutes,
  expiryHours: ExpiryHours,
  rules: z.array(
    z.object({
      name: ProtectionRuleName,
      title: z.string(),
      description: z.string(),
      /** null: it cannot be switched. */
      needsSecondPerson: z.boolean().nullable(),
      agreers: z.array(Role),
      /** Accounts beside the caller's own that could agree to a request about the whole core. */
      otherAgreers: z.number().int(),
    }),
  ),
  /** Requests that wait just now. */
  waiting: z.number().int(),
});
export type ProtectionReport = z.infer<typeof ProtectionReport>;

export const TwoPersonState = z.enum(["waiting", "approved", "denied", "expired", "cancelled", "done", "failed"]);
export type TwoPersonState = z.infer<typeof TwoPersonState>;

export const ProtectedActionName = z.enum(Object.keys(PROTECTED_ACTIONS) as [ProtectedAction, ...ProtectedAction[]]);

export const TwoPersonRequest = z.object({
  id: Id,
  action: z.string(),
  rule: ProtectionRuleName,
  ruleTitle: z.string(),
  /** What will happen, in a sentence. */
  title: z.string(),
  subject: z.object({ kind: z.string(), id: z.string() }),
  tenant: z.object({ id: Id, name: z.string() }).nullable(),
  state: TwoPersonState,
  requestedBy: z.object({ id: Id, name: z.string() }),
  /** Through which door it was asked: "browser", "api", "cbr"… */
  door: z.string(),
  /** What whoever asked says about it. */
  reason: z.string(),
  createdAt: Instant,
  expiresAt: Instant,
  /** Who may agree. */
  agreers: z.array(Role),
  /** core: done as soon as it is agreed to · requester: whoever asked comes back and does it. */
  doneBy: z.enum(["core", "requester"]),
  decidedBy: z.string().nullable(),
  decidedAt: Instant.nullable(),
  /** Of the second person, or why it failed. */
  message: z.string(),
  endedAt: Instant.nullable(),
  /** The caller asked for it. */
  isMine: z.boolean(),
  /** The caller could be the second person. */
  mayAgree: z.boolean(),
});
export type TwoPersonRequest = z.infer<typeof TwoPersonRequest>;

export const ListTwoPersonRequestsInput = PageInput.extend({
  /** open: waiting, and agreed to but not done · ended: all others. */
  state: z.enum(["open", "ended"]).optional(),
});
export type ListTwoPersonRequestsInput = z.infer<typeof ListTwoPersonRequestsInput>;

export const TwoPersonRequestPage = page(TwoPersonRequest);

export const DenyTwoPersonRequestInput = z.object({
  id: Id,
  message: z.string().trim().min(1, "Say why: a message is required.").max(1000),
});
export type DenyTwoPersonRequestInput = z.infer<typeof DenyTwoPersonRequestInput>;

export const ExplainTwoPersonRequestInput = z.object({ id: Id, reason: z.string().trim().max(1000) });
export type ExplainTwoPersonRequestInput = z.infer<typeof ExplainTwoPersonRequestInput>;

/** How the caller can prove to be there, and until when it counts. */
export const Proof = z.object({
  /** None: by signing in again at the identity provider. */
  ways: z.array(z.enum(["password", "code"])),
  provenAt: Instant.nullable(),
  countsUntil: Instant.nullable(),
});
export type Proof = z.infer<typeof Proof>;

export const ProveInput = z
  .object({ password: z.string().min(1).max(256).optional(), code: z.string().trim().min(6).max(40).optional() })
  .refine(({ password, code }) => (password === undefined) !== (code === undefined), {
    message: "Give either your password or a code of your second factor.",
    path: ["password"],
  });
export type ProveInput = z.infer<typeof ProveInput>;
