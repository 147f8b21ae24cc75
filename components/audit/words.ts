import { CircleCheck, CircleX, type LucideIcon, ShieldX } from "lucide-react";
import type { Tone } from "@/components/ui/badge";
import { adminContract } from "@/lib/admin/contract";
import type { AuditEntry, AuditResult } from "@/lib/engine/audit/schemas";

export const RESULT_WORDS: Readonly<Record<AuditResult, { label: string; tone: Tone; icon: LucideIcon }>> = {
  done: { label: "Done", tone: "ok", icon: CircleCheck },
  refused: { label: "Refused", tone: "danger", icon: ShieldX },
  failed: { label: "Failed", tone: "warn", icon: CircleX },
};

export const DOOR_WORDS: Readonly<Record<string, string>> = {
  browser: "Browser",
  api: "Native API",
  unitrends: "Unitrends",
  powerstore: "PowerStore",
  cbr: "CBR",
  veeam: "Veeam",
  peer: "Peer",
};

/** What each action did, as the end of a sentence that begins with who did it. */
const ACTION_WORDS: Readonly<Record<string, string>> = {
  "access-key.create": "made an access key",
  "access-key.delete": "revoked an access key",
  "account.change-password": "changed the own password",
  "account.create": "created an account",
  "account.delete": "deleted an account",
  "account.disable": "disabled an account",
  "account.enable": "enabled an account",
  "account.invite": "invited a person",
  "account.invite-again": "invited a person once more",
  "account.link-identity": "signed in by the identity provider for the first time",
  "account.redeem-link": "set a password with a one-time link",
  "account.rename": "renamed an account",
  "account.reset-password": "let a person choose a new password",
  "account.update": "changed an account",
  "agent.add-volume": "added a volume to an agent",
  "agent.create": "added an agent",
  "agent.delete": "ordered an agent's deletion",
  "agent.deleted": "deleted an agent",
  "agent.metadata": "took over an agent's metadata",
  "agent.metadata-cancel": "dropped an agent's metadata",
  "agent.test-copy": "made a test copy of an agent",
  "agent.update": "changed an agent",
  "alert-rule.create": "made a rule of alerts",
  "alert-rule.delete": "deleted a rule of alerts",
  "alert-rule.update": "changed a rule of alerts",
  "alert.acknowledge": "acknowledged an alert",
  "attempt.more": "tried more, which was only counted",
  "audit.export": "exported the audit trail",
  "capture.cancel": "cancelled a capture",
  "capture.start": "started a capture",
  "channel.create": "made a channel",
  "channel.delete": "deleted a channel",
  "channel.renew-secret": "renewed a channel's secret",
  "channel.test": "sent a test by a channel",
  "channel.update": "changed a channel",
  "core-file.delete": "removed a file",
  "core-file.download": "downloaded a file",
  "delivery.retry": "tried a delivery again",
  "enrolment-token.create": "made an enrolment token",
  "enrolment-token.revoke": "revoked an enrolment token",
  "file.cancel": "stopped sending a file",
  "file.send": "sent a file",
  "image.download": "downloaded an image",
  "image.download-file": "downloaded a file from a recovery point",
  "image.replicate": "asked for an image's replication",
  "keys.export": "exported the core's keys",
  "mail.test": "sent a test mail",
  "orphaned-image.adopt": "adopted orphaned images",
  "orphaned-image.found": "found an orphaned image",
  "orphaned-image.remove": "removed an orphaned image",
  "pairing.accept-agents": "accepted agents at once",
  "pairing.add-agents": "added agents to a pairing",
  "pairing.approve": "approved a pairing",
  "pairing.approve-agents": "approved agents",
  "pairing.delete": "ended a pairing",
  "pairing.delete-recovery-points": "deleted a pairing's recovery points",
  "pairing.demand": "paired at once",
  "pairing.denied": "learnt that a pairing was denied",
  "pairing.deny-agents": "denied agents",
  "pairing.end-replications": "ended the replication of agents",
  "pairing.establish": "established a pairing",
  "pairing.hear-agents": "heard about requested agents",
  "pairing.renew-certificate": "renewed a certificate",
  "pairing.request": "asked for pairing",
  "pairing.request-agents": "asked for more agents",
  "pairing.resume": "resumed a pairing",
  "pairing.send": "sent a pairing request",
  "pairing.send-agents": "asked a target for more agents",
  "pairing.send-demand": "demanded a pairing",
  "pairing.suspend": "suspended a pairing",
  "pairing.update": "changed a pairing",
  "policy.assign": "assigned a policy",
  "policy.create": "made a policy",
  "policy.delete": "deleted a policy",
  "policy.unassign": "took a policy off",
  "policy.update": "changed a policy",
  "price-plan.create": "made a price plan",
  "price-plan.delete-version": "took prices of a plan back",
  "price-plan.set-version": "set the prices of a plan",
  "price-plan.update": "changed a price plan",
  "protection.update": "changed the protection of actions",
  "quota.remove": "removed a quota",
  "quota.set": "set a quota",
  "recovery-code.renew": "made new recovery codes",
  "recovery-code.use": "used a recovery code",
  "recovery-point.clone": "copied a recovery point",
  "recovery-point.delete": "deleted a recovery point",
  "recovery-point.set-aside": "set recovery points aside",
  "recovery-point.update": "changed a recovery point",
  "replication-rule.create": "made a replication rule",
  "replication-rule.delete": "deleted a replication rule",
  "replication-rule.update": "changed a replication rule",
  "replication.start": "started a replication",
  "repository.adopt": "took recovery points over from storage",
  "repository.attach": "attached a repository",
  "repository.create": "made a repository",
  "repository.delete": "forgot a repository",
  "repository.replicate": "asked for a repository's replication",
  "repository.sync": "started a repository's sync",
  "repository.sync-stop": "stopped a repository's sync",
  "repository.update": "changed a repository",
  "restore.cancel": "cancelled a restore",
  "restore.start": "started a restore",
  "second-factor.disable": "took the second factor away",
  "second-factor.enable": "set up a second factor",
  "second-factor.remove": "took somebody's second factor away",
  "seed-drive.abandon": "gave a seed drive up",
  "seed-drive.consume": "read a seed drive in",
  "seed-drive.consumed": "learnt that a seed drive was read in",
  "seed-drive.continue": "went on with a seed drive",
  "seed-drive.create": "made a seed drive",
  "session.cancel": "cancelled a run",
  "session.fail-back": "ordered a failback",
  "session.fail-over": "ordered a failover",
  "session.failed-over": "failed over",
  "session.hear": "took over what the other core says of a session",
  "session.pause": "paused a session",
  "session.reprotect": "ordered a reprotect",
  "session.resolve": "chose a side of a divergence",
  "session.resume": "resumed a session",
  "session.run": "asked for a run",
  "session.start-test": "began a failover test",
  "session.stop-test": "ended a failover test",
  "setting.write": "changed a setting",
  "sign-in.create": "signed in",
  "sign-in.end": "ended a sign-in",
  "sign-in.end-others": "ended all other sign-ins",
  "sign-in.prove": "gave password or code again",
  "snapshot-rule.create": "made a snapshot rule",
  "snapshot-rule.delete": "deleted a snapshot rule",
  "snapshot-rule.update": "changed a snapshot rule",
  "statement.export": "exported a statement",
  "statement.finalise": "finalised a statement",
  "statement.send": "sent a statement once more",
  "tenant.assign-plan": "gave a tenant a price plan",
  "tenant.create": "made a tenant",
  "tenant.delete": "deleted a tenant",
  "tenant.remove-plan": "took a tenant's price plan back",
  "tenant.update": "changed a tenant",
  "token.create": "made an API token",
  "token.delete": "revoked an API token",
  "token.use": "showed an API token",
  "two-person.agree": "agreed to a two-person request",
  "two-person.ask": "asked for a second person",
  "two-person.cancel": "took a two-person request back",
  "two-person.deny": "denied a two-person request",
  "two-person.do": "did what two people agreed to",
  "two-person.expire": "let a two-person request expire",
  "two-person.explain": "said why a two-person request is needed",
  "two-person.use": "used what a second person had agreed to",
  "upload.cancel": "stopped an upload",
  "upload.end": "took in a whole file",
  "upload.expire": "dropped uploads that never ended",
  "upload.start": "began to send a file",
  "usage.correct": "corrected usage",
  "usage.export": "exported usage",
  "vendor-sign-in.create": "signed in through another product's API",
  "vendor-sign-in.end": "ended a sign-in of another product",
  "volume.create": "made a volume",
  "volume.delete": "deleted a volume",
  "volume.materialize": "wrote a volume's file anew",
  "volume.move": "moved a volume",
};

/** What was done, or tried, in words. */
export function actionWords({ action, result }: Pick<AuditEntry, "action" | "result">): string {
  const call = /^call\.(\w+)$/.exec(action)?.[1];
  if (call) return `called «${summaryOf(call)}»`;
  const words = ACTION_WORDS[action] ?? plain(action);
  if (result === "done" || action === "attempt.more") return words;
  return TRIED_WORDS[action] ?? `${words}, in vain`;
}

/** What was tried and refused, or failed, where that has words of its own. */
const TRIED_WORDS: Readonly<Record<string, string>> = {
  "sign-in.create": "tried to sign in",
  "sign-in.prove": "gave a wrong password or code",
  "token.use": "showed an API token that does not count",
  "two-person.do": "could not do what two people agreed to",
  "vendor-sign-in.create": "tried to sign in through another product's API",
};

/** An action without a sentence of its own, as this table may not know it yet: "thing.do-it" is "thing: do it". */
const plain = (action: string) => action.replaceAll("-", " ").replace(".", ": ");

/** Rows of the native API have a sentence; those of other doors their own names. */
function summaryOf(name: string): string {
  const row = Object.entries(adminContract).find(([known]) => known === name)?.[1];
  return row ? row.summary.replace(/\.$/, "") : name;
}

/** Who, without the kind before the name. */
export function actorWords({ actor, actorKind }: Pick<AuditEntry, "actor" | "actorKind">): string {
  if (actorKind === "nobody") return "Somebody not signed in";
  if (actorKind === "system") return "This core";
  const name = actor.slice(actor.indexOf(":") + 1);
  return actorKind === "job" ? `This core (${name})` : actorKind === "peer" ? `Core ${name}` : name;
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** By what an action is about: the page of it. */
const PAGES: Readonly<Record<string, string>> = {
  agent: "/agents",
  capture: "/agents",
  pairing: "/pairing",
  policy: "/policies",
  repository: "/repositories",
  "recovery-point": "/recovery-points",
  restore: "/recovery-points",
  session: "/sessions",
  replication: "/sessions",
  tenant: "/tenants",
  "seed-drive": "/seed-drives",
};

/** The page of what an entry is about; null when it has none, or is there no more for sure. */
export function subjectHref({ action, subject }: Pick<AuditEntry, "action" | "subject">): string | null {
  const [noun = "", verb = ""] = action.split(".");
  const page = PAGES[noun];
  if (!page || !ID.test(subject) || /^deleted?$/.test(verb)) return null;
  return `${page}/${subject}`;
}
