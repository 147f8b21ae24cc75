import { z } from "zod";
import { Id, Instant, PageInput, page } from "@/lib/engine/schemas";

export const AlertSeverity = z.enum(["info", "warning", "critical"]);
export type AlertSeverity = z.infer<typeof AlertSeverity>;

/** What an alert may be about; its page is where the remedy is. */
export const AlertSubject = z.enum([
  "session",
  "repository",
  "pairing",
  "agent",
  "two-person-request",
  "channel",
  "job",
  "tenant",
]);
export type AlertSubject = z.infer<typeof AlertSubject>;

/** Every kind, and what a person can do about it. */
export const ALERT_REMEDIES = {
  "rpo-at-risk":
    "Look what the session waits for. If it is slow, raise the rate cap or the RPO; if nothing runs, start a run.",
  "rpo-breached":
    "Open the session: what it failed on or waits for is named there. Start a run, go on with a paused one, or bring the other core back.",
  "no-success":
    "Look whether the source core runs and reaches this one, and whether the agent still makes recovery points.",
  "session-failing":
    "The session says why it fails. Remove the cause; it tries again by itself, or start a run at once.",
  "capture-failing":
    "The agent's policy could not begin a capture: its page says why. Correct its volumes, or the policy; the next slot tries again.",
  "pairing-waiting": "Compare the code with the other core's people and approve, deny or ignore the request.",
  "certificate-expiring":
    "Certificates renew themselves over the existing connection. Make sure that the cores reach each other before this one lapses; afterwards they have to be paired anew.",
  "points-lost":
    "Bring the repository's storage back and sync the repository, or replicate the recovery points again from a core that holds them.",
  "agreement-waiting":
    "Open the two-person requests: read what will happen, ask whoever wants it, and agree or deny. It expires by itself.",
  "repository-filling":
    "Free space on its disk, let older recovery points expire sooner, or move agents to another repository. When it is full, captures and replications wait.",
  "verification-failed":
    "Sync the repository and have every record verified: it names what is damaged. Then replicate those points again from a core that holds them.",
  "clock-skew":
    "Set the clocks of both machines by a time server. Until then lags, RPOs and quiet hours are off by the difference.",
  "job-failing":
    "The message says what it failed on; the core's log has the rest. It goes on trying, and this clears itself when it has succeeded.",
  "channel-failing":
    "Open the channels: its last answer is named there. Correct its address or the mail settings, and send a test.",
  diverged: "Open the session, compare what each side has, and choose the side to keep. Nothing is destroyed.",
  "quota-soft":
    "Raise the quota, or let old recovery points go, before it is used up: then new data is refused. The date says when, as things grow now.",
  "quota-hard":
    "Raise the quota or delete recovery points that nobody needs. What was refused comes by itself within a minute of there being room.",
} as const satisfies Record<string, string>;

export type AlertKind = keyof typeof ALERT_REMEDIES;
export const AlertKind = z.enum(Object.keys(ALERT_REMEDIES) as [AlertKind, ...AlertKind[]]);

/** open: nobody has said yet that they know · acknowledged: somebody has · cleared: the condition is over. */
export const AlertState = z.enum(["open", "acknowledged", "cleared"]);
export type AlertState = z.infer<typeof AlertState>;

export const Alert = z.object({
  id: Id,
  kind: AlertKind,
  severity: AlertSeverity,
  state: AlertState,
  subject: z.object({ kind: AlertSubject, id: Id }),
  tenantId: Id.nullable(),
  title: z.string(),
  /** What is known of the cause. */
  detail: z.string(),
  /** What a person can do about it. */
  remedy: z.string(),
  /** How often it was raised while it was not cleared. */
  count: z.number().int(),
  raisedAt: Instant,
  lastSeenAt: Instant,
  acknowledgedAt: Instant.nullable(),
  acknowledgedBy: z.string().nullable(),
  /** What whoever acknowledged it had to say. */
  note: z.string(),
  clearedAt: Instant.nullable(),
});
export type Alert = z.infer<typeof Alert>;

export const ListAlertsInput = PageInput.extend({
  /** "current": open and acknowledged ones. */
  state: z.enum([...AlertState.options, "current"]).optional(),
  severity: AlertSeverity.optional(),
  kind: AlertKind.optional(),
  subjectId: Id.optional(),
  tenantId: Id.optional(),
});
export type ListAlertsInput = z.infer<typeof ListAlertsInput>;

export const AlertPage = page(Alert);
export type AlertPage = z.infer<typeof AlertPage>;

const Note = z.string().trim().max(500).default("");

export const AcknowledgeAlertInput = z.object({ id: Id, note: Note });
export type AcknowledgeAlertInput = z.infer<typeof AcknowledgeAlertInput>;

/** Open alerts that fit all of what is given. */
export const AcknowledgeAlertsInput = z.object({
  ids: z.array(Id).min(1).max(200).optional(),
  kind: AlertKind.optional(),
  severity: AlertSeverity.optional(),
  tenantId: Id.optional(),
  note: Note,
});
export type AcknowledgeAlertsInput = z.infer<typeof AcknowledgeAlertsInput>;

export const AcknowledgedCount = z.object({ acknowledged: z.number().int() });
export type AcknowledgedCount = z.infer<typeof AcknowledgedCount>;

/** How many alerts are not cleared. */
export const AlertCounts = z.object({
  open: z.number().int(),
  /** Of the open ones. */
  openCritical: z.number().int(),
  acknowledged: z.number().int(),
});
export type AlertCounts = z.infer<typeof AlertCounts>;
