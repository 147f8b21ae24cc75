import { z } from "zod";
import { Bytes, Id, Instant, PageInput, page } from "@/lib/engine/schemas";
import { Day, Decimal, MeterName, Month, Whole } from "@/lib/engine/usage/meters";

export const StatementState = z.enum(["draft", "final"]);
export type StatementState = z.infer<typeof StatementState>;

/** One line: quantity × unit price = amount, rounded to the currency's smallest unit. */
export const StatementLine = z.object({
  position: z.number().int().positive(),
  kind: z.enum(["usage", "correction", "minimum"]),
  /** null: the minimum. */
  meter: MeterName.nullable(),
  description: z.string(),
  quantity: Decimal,
  unit: z.string(),
  unitPrice: Decimal,
  amount: Decimal,
  /** How the quantity and the amount come about, in words and figures. */
  formula: z.string(),
  /** The correction it charges. */
  correctionId: Id.nullable(),
});
export type StatementLine = z.infer<typeof StatementLine>;

/** What was used of one meter, with or without a price. */
export const MeterUsage = z.object({ meter: MeterName, quantity: Decimal, unit: z.string(), formula: z.string() });
export type MeterUsage = z.infer<typeof MeterUsage>;

/** What is computed, for a statement and for a forecast alike. */
export const ComputedStatement = z.object({
  lines: z.array(StatementLine),
  /** All meters, also those that are not charged; without corrections. */
  usage: z.array(MeterUsage),
  /** The sum of the lines; "0" without prices. */
  total: Decimal,
  /** Hours of agents for which nothing was measured; they are not charged. */
  missingHours: Decimal,
});
export type ComputedStatement = z.infer<typeof ComputedStatement>;

export const StatementSummary = z.object({
  id: Id,
  /** Given when it becomes final, without gaps. */
  number: z.number().int().positive().nullable(),
  tenantId: Id,
  tenantName: z.string(),
  customerId: z.string(),
  month: Month,
  timeZone: z.string(),
  beginsAt: Instant,
  endsAt: Instant,
  state: StatementState,
  /** null: no plan, so usage without prices. */
  planId: Id.nullable(),
  planName: z.string(),
  /** ISO 4217; "" without a plan. */
  currency: z.string(),
  currencyDigits: z.number().int(),
  total: Decimal,
  missingHours: Decimal,
  computedAt: Instant,
  finalisedAt: Instant.nullable(),
  finalisedBy: z.string().nullable(),
});
export type StatementSummary = z.infer<typeof StatementSummary>;

export const StatementDetail = StatementSummary.extend({ ...ComputedStatement.shape, isMonthOver: z.boolean() });
export type StatementDetail = z.infer<typeof StatementDetail>;

export const ListStatementsInput = PageInput.extend({
  cursor: z.string().max(1_000).optional(),
  month: Month.optional(),
  tenantId: Id.optional(),
  state: StatementState.optional(),
});
export type ListStatementsInput = z.output<typeof ListStatementsInput>;
/** Newest month first, then by the tenant's name. */
export const StatementPage = page(StatementSummary);
export type StatementPage = z.infer<typeof StatementPage>;

/** A tenant's month as it would be billed: to date, and as it will probably be. */
export const PreviewStatementInput = z.object({
  tenantId: Id,
  /** Absent: this month in the tenant's time zone. */
  month: Month.optional(),
});
export type PreviewStatementInput = z.output<typeof PreviewStatementInput>;

export const StatementPreview = z.object({
  tenantId: Id,
  tenantName: z.string(),
  month: Month,
  timeZone: z.string(),
  beginsAt: Instant,
  endsAt: Instant,
  /** Up to when usage was measured. */
  measuredTo: Instant,
  planId: Id.nullable(),
  planName: z.string(),
  currency: z.string(),
  currencyDigits: z.number().int(),
  toDate: ComputedStatement,
  /** A forecast, not a bill: what is left of the month at the mean of the last 7 days. null: the month is over, or nothing was measured. */
  forecast: ComputedStatement.nullable(),
});
export type StatementPreview = z.infer<typeof StatementPreview>;

/** What a statement is made of: one agent on one day. */
export const StatementDay = z.object({
  day: Day,
  agentId: Id,
  agentName: z.string(),
  repositoryId: Id,
  repositoryName: z.string(),
  /** The core it comes from; "" when it is captured here. */
  sourceName: z.string(),
  measuredSeconds: z.number().int().nonnegative(),
  missingSeconds: z.number().int().nonnegative(),
  agentSeconds: z.number().int().nonnegative(),
  protectedByteSeconds: Whole,
  storedByteSeconds: Whole,
  transferredBytes: Bytes,
  recoveryPointsMax: z.number().int().nonnegative(),
  /** What the source itself said of the agent that day, at most; null: it said nothing. */
  reportedBytes: Bytes.nullable(),
});
export type StatementDay = z.infer<typeof StatementDay>;

export const ListStatementDaysInput = PageInput.extend({
  cursor: z.string().max(1_000).optional(),
  id: Id,
  day: Day.optional(),
  agentId: Id.optional(),
});
export type ListStatementDaysInput = z.output<typeof ListStatementDaysInput>;
/** By day, then by the agent's name. */
export const StatementDayPage = page(StatementDay);
export type StatementDayPage = z.infer<typeof StatementDayPage>;

export const StatementLineId = z.object({ id: Id, position: z.coerce.number().int().positive() });
export type StatementLineId = z.output<typeof StatementLineId>;

/** A line, opened: each day's part of its meter. A day opens to its agents, an agent's day to its samples. */
export const StatementLineDetail = z.object({
  statement: StatementSummary,
  line: StatementLine,
  days: z.array(
    z.object({
      day: Day,
      /** Byte-seconds, bytes or agent-seconds, as the formula counts them. */
      counted: Whole,
      /** In the meter's unit, rounded. */
      quantity: Decimal,
      agents: z.number().int().nonnegative(),
      missingSeconds: z.number().int().nonnegative(),
    }),
  ),
  /** Of a correction: what a person wrote. */
  correction: z.object({ month: Month, reason: z.string(), createdBy: z.string(), createdAt: Instant }).nullable(),
});
export type StatementLineDetail = z.infer<typeof StatementLineDetail>;

/** Finalises every draft of a month that is over. */
export const FinaliseStatementsInput = z.object({ month: Month });
export type FinaliseStatementsInput = z.output<typeof FinaliseStatementsInput>;
export const FinalisedStatements = z.object({
  finalised: z.number().int().nonnegative(),
  /** Those that could not be, and why; at most 100. */
  refused: z.array(z.object({ id: Id, tenantName: z.string(), message: z.string() })),
});
export type FinalisedStatements = z.infer<typeof FinalisedStatements>;

export const BillingSettings = z.object({
  /** On that day of each month, UTC, statements of the month before become final by themselves. null: a person does it. */
  finaliseOnDay: z.number().int().min(1).max(28).nullable().default(null),
});
export type BillingSettings = z.infer<typeof BillingSettings>;
