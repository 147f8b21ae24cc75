import { z } from "zod";
import { Id } from "@/lib/engine/schemas";
import { Day } from "@/lib/engine/usage/meters";

/** As far as the ledger reaches back. */
const DAYS_MAX = 400;
const DAY_MS = 86_400_000;

export const ExportUsageInput = z
  .object({ from: Day, to: Day, tenantId: Id.optional(), agentId: Id.optional() })
  .refine(({ from, to }) => from <= to && (Date.parse(to) - Date.parse(from)) / DAY_MS < DAYS_MAX, {
    message: `The last day comes after the first one, and at most ${DAYS_MAX} days are written.`,
  });
export type ExportUsageInput = z.infer<typeof ExportUsageInput>;
