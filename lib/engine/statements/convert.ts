import type { Prisma } from "@/prisma/generated/client";
import { currencyDigits } from "./currency";
import type { StatementLine, StatementSummary } from "./schemas";

export const withPlan = { planVersion: { select: { planId: true } } } as const;

type Row = Prisma.StatementGetPayload<{ include: typeof withPlan }>;

export const toSummary = (row: Row): StatementSummary => ({
  id: row.id,
  number: row.number,
  tenantId: row.tenantId,
  tenantName: row.tenantName,
  customerId: row.customerId,
  month: row.month,
  timeZone: row.timeZone,
  beginsAt: row.beginsAt.toISOString(),
  endsAt: row.endsAt.toISOString(),
  state: row.state,
  planId: row.planVersion?.planId ?? null,
  planName: row.planName,
  currency: row.currency,
  currencyDigits: currencyDigits(row.currency),
  total: row.total.toFixed(currencyDigits(row.currency)),
  missingHours: row.missingHours.toFixed(),
  computedAt: row.computedAt.toISOString(),
  finalisedAt: row.finalisedAt?.toISOString() ?? null,
  finalisedBy: row.finalisedBy,
});

export const toLine = (row: Prisma.StatementLineGetPayload<object>, currency: string): StatementLine => ({
  position: row.position,
  // One of the three that computeStatement makes.
  kind: row.kind as StatementLine["kind"],
  meter: row.meter,
  description: row.description,
  quantity: row.quantity.toFixed(),
  unit: row.unit,
  unitPrice: row.unitPrice.toFixed(),
  amount: row.amount.toFixed(currencyDigits(currency)),
  formula: row.formula,
  correctionId: row.correctionId,
});
