import type { Role } from "@/lib/engine/accounts/schemas";

// Pure: the browser shows these words, too.

interface Rule {
  /** As a person would say it: "Delete recovery points". */
  readonly title: string;
  /** What falls under it. */
  readonly description: string;
  /** Who may agree; never whoever asked. */
  readonly agreers: readonly [Role, ...Role[]];
}

const ADMINISTRATORS = ["administrator"] as const;
const APPROVERS = ["administrator", "approver"] as const;

/** What is protected. Each takes a fresh proof that its owner is there; a second person where that is switched on. */
export const PROTECTION_RULES = {
  "approve-pairing": {
    title: "Approve a pairing",
    description: "Let another core in, or more agents of one; also by a demand or an enrolment token.",
    agreers: APPROVERS,
  },
  "delete-points": {
    title: "Delete recovery points",
    description: "One by one, orphaned images, or an agent with all that it has.",
    agreers: APPROVERS,
  },
  "delete-pairing": {
    title: "End a pairing with its recovery points",
    description: "What it replicated is deleted on the target. Ending a pairing alone is not protected.",
    agreers: APPROVERS,
  },
  "shorten-retention": {
    title: "Shorten retention",
    description: "Keep recovery points for a shorter time or fewer of them, or unlock one.",
    agreers: APPROVERS,
  },
  "unplanned-failover": {
    title: "Unplanned failover",
    description: "Make this core current for an agent without the other core.",
    agreers: APPROVERS,
  },
  "export-keys": {
    title: "Export keys",
    description: "Take this core's private keys out of it, for a recovery.",
    agreers: ADMINISTRATORS,
  },
  "protected-tokens": {
    title: "Make a token for protected actions",
    description: "An API token or access key whose holder needs no fresh proof.",
    agreers: ADMINISTRATORS,
  },
  "change-rules": {
    title: "Loosen these rules",
    description: "While one of them is on, switching it off always takes a second person.",
    agreers: ADMINISTRATORS,
  },
} as const satisfies Record<string, Rule>;

export type ProtectionRule = keyof typeof PROTECTION_RULES;

interface Action {
  readonly rule: ProtectionRule;
  /** Who may ask; looked at once more before it is done. */
  readonly askers: readonly [Role, ...Role[]];
  /**
   * core: it is done as soon as a second person agreed. requester: whoever asked comes back and does it, once, because the answer is
   * for their eyes, or because another machine waits for it.
   */
  readonly doneBy: "core" | "requester";
}

const OPERATORS = ["administrator", "engineer"] as const;
const EVERYONE = ["administrator", "approver", "engineer", "billing", "reader"] as const;

/** Every protected verb of the engine, and the rule that it falls under. Those that the core does have a line in verbs.ts. */
export const PROTECTED_ACTIONS = {
  "pairing.approve": { rule: "approve-pairing", askers: APPROVERS, doneBy: "core" },
  "pairing.approve-agents": { rule: "approve-pairing", askers: APPROVERS, doneBy: "core" },
  "pairing.update": { rule: "approve-pairing", askers: OPERATORS, doneBy: "core" },
  "pairing.demand": { rule: "approve-pairing", askers: ADMINISTRATORS, doneBy: "requester" },
  "pairing.add-agents": { rule: "approve-pairing", askers: ADMINISTRATORS, doneBy: "requester" },
  "enrolment-token.create": { rule: "approve-pairing", askers: ADMINISTRATORS, doneBy: "requester" },
  "recovery-point.delete": { rule: "delete-points", askers: ADMINISTRATORS, doneBy: "core" },
  "volume-image.delete": { rule: "delete-points", askers: ADMINISTRATORS, doneBy: "core" },
  "orphaned-image.remove": { rule: "delete-points", askers: OPERATORS, doneBy: "core" },
  "agent.delete": { rule: "delete-points", askers: ADMINISTRATORS, doneBy: "core" },
  "volume-group.delete": { rule: "delete-points", askers: ADMINISTRATORS, doneBy: "core" },
  "volume.delete": { rule: "delete-points", askers: ADMINISTRATORS, doneBy: "core" },
  "pairing.delete": { rule: "delete-pairing", askers: ADMINISTRATORS, doneBy: "core" },
  "snapshot-rule.update": { rule: "shorten-retention", askers: OPERATORS, doneBy: "core" },
  "policy.update": { rule: "shorten-retention", askers: OPERATORS, doneBy: "core" },
  "policy.assign": { rule: "shorten-retention", askers: OPERATORS, doneBy: "core" },
  "policy-plan.update": { rule: "shorten-retention", askers: OPERATORS, doneBy: "core" },
  "recovery-point.unlock": { rule: "shorten-retention", askers: OPERATORS, doneBy: "core" },
  "session.fail-over": { rule: "unplanned-failover", askers: OPERATORS, doneBy: "core" },
  "keys.export": { rule: "export-keys", askers: ADMINISTRATORS, doneBy: "requester" },
  "api-token.create": { rule: "protected-tokens", askers: EVERYONE, doneBy: "requester" },
  "access-key.create": { rule: "protected-tokens", askers: EVERYONE, doneBy: "requester" },
  "protection.update": { rule: "change-rules", askers: ADMINISTRATORS, doneBy: "core" },
} as const satisfies Record<string, Action>;

export type ProtectedAction = keyof typeof PROTECTED_ACTIONS;
/** Those that the core itself does when a second person agreed. */
export type CoreAction = {
  [A in ProtectedAction]: (typeof PROTECTED_ACTIONS)[A]["doneBy"] extends "core" ? A : never;
}[ProtectedAction];

export const actionOf = (action: ProtectedAction): Action => PROTECTED_ACTIONS[action];
export const ruleOf = (action: ProtectedAction): Rule => PROTECTION_RULES[actionOf(action).rule];

/** "an administrator or approver" */
export function agreersInWords(rule: ProtectionRule): string {
  return `an ${PROTECTION_RULES[rule].agreers.join(" or ")}`;
}
