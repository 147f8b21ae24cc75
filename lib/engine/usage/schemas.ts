import { z } from "zod";
import { Bytes, Id, Instant, PageInput, page } from "@/lib/engine/schemas";
import { Day, Decimal, MeterName, Month, Whole } from "./meters";

export { Day, Decimal, METER_UNITS, METERS, MeterName, Month, Whole } from "./meters";

/** What an agent came to at one moment. */
export const AgentUsageSample = z.object({
  at: Instant,
  /** Logical bytes of the newest recovery point. */
  protectedBytes: Bytes,
  /** Pack bytes that its points brought; null where a source does not say. */
  storedBytes: Bytes.nullable(),
  recoveryPoints: z.number().int().nonnegative(),
});
export type AgentUsageSample = z.infer<typeof AgentUsageSample>;

export const AgentUsage = z.object({
  /** Counted here; the newest 500, oldest first. */
  measured: z.array(AgentUsageSample),
  /** Replicas: said by the source of its own storage. */
  reported: z.array(AgentUsageSample),
});
export type AgentUsage = z.infer<typeof AgentUsage>;

/** A repository of a source, as it said last. */
export const ReportedRepository = z.object({
  repositoryId: Id,
  name: z.string(),
  bytesFree: Bytes,
  bytesUsed: Bytes,
  at: Instant,
});
export type ReportedRepository = z.infer<typeof ReportedRepository>;

export const ReportedRepositories = z.object({ repositories: z.array(ReportedRepository) });
export type ReportedRepositories = z.infer<typeof ReportedRepositories>;

/** By what usage is added up; "source" is the core that an agent is replicated from, or this one. */
export const UsageGroupBy = z.enum(["tenant", "agent", "repository", "source"]);
export type UsageGroupBy = z.infer<typeof UsageGroupBy>;

/** Of whom: everything that is named must hold. */
const Whose = {
  tenantId: Id.optional(),
  agentId: Id.optional(),
  repositoryId: Id.optional(),
  /** The pairing that brings the agents here; "none": those that are captured on this core. */
  pairingId: z.union([Id, z.literal("none")]).optional(),
};

export const ListUsageInput = z.object({
  groupBy: UsageGroupBy.default("tenant"),
  meter: MeterName.default("stored"),
  ...Whose,
  /** First and last day; at most 400 of them. */
  from: Day,
  to: Day,
  /** So many groups by themselves, the largest; the rest is one group more. */
  groups: z.coerce.number().int().min(1).max(20).default(8),
});
export type ListUsageInput = z.output<typeof ListUsageInput>;

/** A figure in bytes, or agents for the meter "agents". */
const Figure = z.number().nonnegative();

export const UsageGroup = z.object({
  /** Of the tenant, agent, repository or pairing; null: captured on this core (by source), or all the others. */
  id: Id.nullable(),
  /** The small groups together. */
  isOther: z.boolean(),
  /** The name now, or the last one if it is gone. */
  name: z.string(),
  /** One for each day: bytes or agents at the mean of the day's measured time; "transferred": bytes of the day. null: nothing was measured. */
  points: z.array(Figure.nullable()),
  /** As it was measured last, in the newest day that has a figure; "transferred": of that day. */
  latest: Figure,
  /** The mean of the days that have a figure; "transferred": the sum. */
  total: Figure,
  /** The same of the days a month before; null: nothing was measured then. */
  monthBefore: Figure.nullable(),
  /** Bytes (agents) by which it grows a day: the slope of a straight line through the last 30 days. null: fewer than two days. */
  growthPerDay: z.number().nullable(),
});
export type UsageGroup = z.infer<typeof UsageGroup>;

export const UsageReport = z.object({
  groupBy: UsageGroupBy,
  meter: MeterName,
  days: z.array(Day),
  /** Largest first, the others last. */
  groups: z.array(UsageGroup),
  /** All groups together. */
  sum: UsageGroup,
  /** How many groups there are, with those in the others. */
  groupsInAll: z.number().int().nonnegative(),
  /** For each day the seconds for which nothing was measured; they are a gap in the chart, and not charged. */
  missingSeconds: z.array(z.number().int().nonnegative()),
});
export type UsageReport = z.infer<typeof UsageReport>;

/** One agent on one day of its tenant's time zone, in one tenant and repository. */
export const UsageDayReport = z.object({
  id: z.string(),
  day: Day,
  timeZone: z.string(),
  beginsAt: Instant,
  endsAt: Instant,
  tenantId: Id,
  tenantName: z.string(),
  agentId: Id,
  agentName: z.string(),
  repositoryId: Id,
  repositoryName: z.string(),
  pairingId: Id.nullable(),
  /** The core it comes from; "" when it is captured here. */
  sourceName: z.string(),
  measuredSeconds: z.number().int().nonnegative(),
  missingSeconds: z.number().int().nonnegative(),
  /** Measured seconds in which it counts as an agent: a copy for a failover test does not. */
  agentSeconds: z.number().int().nonnegative(),
  protectedByteSeconds: Whole,
  storedByteSeconds: Whole,
  transferredBytes: Bytes,
  protectedBytesMax: Bytes,
  storedBytesMax: Bytes,
  recoveryPointsMax: z.number().int().nonnegative(),
  /** At the end of the day, or as measured last; 0 when it had gone by then. */
  protectedBytesLast: Bytes,
  storedBytesLast: Bytes,
  recoveryPointsLast: z.number().int().nonnegative(),
  /** It does not change any more. */
  isFinal: z.boolean(),
});
export type UsageDayReport = z.infer<typeof UsageDayReport>;

export const ListUsageDaysInput = PageInput.extend({
  cursor: z.string().max(1_000).optional(),
  ...Whose,
  from: Day,
  to: Day,
});
export type ListUsageDaysInput = z.output<typeof ListUsageDaysInput>;
/** Newest day first, then by the agent's name. */
export const UsageDayPage = page(UsageDayReport);
export type UsageDayPage = z.infer<typeof UsageDayPage>;

export const ListUsageSamplesInput = z.object({ agentId: Id, day: Day, tenantId: Id.optional() });
export type ListUsageSamplesInput = z.output<typeof ListUsageSamplesInput>;

/** A row of the ledger. */
export const UsageSample = z.object({
  at: Instant,
  tenantId: Id,
  repositoryId: Id.nullable(),
  protectedBytes: Bytes,
  storedBytes: Bytes.nullable(),
  /** The agent's counter at that moment; it only grows. */
  transferredBytes: Bytes,
  recoveryPoints: z.number().int().nonnegative(),
  /** From then on it is not there any more, or not in this tenant and repository. */
  isEnd: z.boolean(),
});
export type UsageSample = z.infer<typeof UsageSample>;

/** A stretch of time with the same figures: what the day's sums are made of. */
export const UsagePiece = z.object({
  from: Instant,
  to: Instant,
  repositoryId: Id,
  /** Of its seconds: those that were measured and those that lie in a gap. */
  measuredSeconds: z.number().int().nonnegative(),
  missingSeconds: z.number().int().nonnegative(),
  protectedBytes: Bytes,
  storedBytes: Bytes,
  protectedByteSeconds: Whole,
  storedByteSeconds: Whole,
});
export type UsagePiece = z.infer<typeof UsagePiece>;

export const UsageSamples = z.object({
  /** The day's sums: one for each repository and tenant in which the agent was. */
  days: z.array(UsageDayReport),
  /** Rows of the ledger that count in the day, oldest first; the first one may be older than the day. */
  samples: z.array(UsageSample),
  /** Moments at which everything was measured: the last one before the day to the first one behind it. */
  measurements: z.array(Instant),
  pieces: z.array(UsagePiece),
  /** What the source itself said. */
  reported: z.array(UsageSample),
});
export type UsageSamples = z.infer<typeof UsageSamples>;

export const AddCorrectionInput = z.object({
  tenantId: Id,
  agentId: Id.optional(),
  /** Whose usage it corrects. */
  month: Month,
  meter: MeterName,
  /** In the meter's unit, with its sign: "-2.5" takes two and a half GB-months away. */
  quantity: z.string().regex(/^-?\d{1,15}(\.\d{1,9})?$/, "a decimal number like -2.5"),
  reason: z.string().trim().min(3).max(500),
});
export type AddCorrectionInput = z.output<typeof AddCorrectionInput>;

export const Correction = z.object({
  id: Id,
  tenantId: Id,
  tenantName: z.string(),
  agentId: Id.nullable(),
  agentName: z.string().nullable(),
  month: Month,
  meter: MeterName,
  quantity: Decimal,
  unit: z.string(),
  reason: z.string(),
  createdBy: z.string(),
  createdAt: Instant,
  /** The final statement that charges it; null: it stands in the draft. */
  statementId: Id.nullable(),
});
export type Correction = z.infer<typeof Correction>;

export const ListCorrectionsInput = PageInput.extend({ tenantId: Id.optional(), month: Month.optional() });
export type ListCorrectionsInput = z.output<typeof ListCorrectionsInput>;
/** Newest first. */
export const CorrectionPage = page(Correction);
export type CorrectionPage = z.infer<typeof CorrectionPage>;
