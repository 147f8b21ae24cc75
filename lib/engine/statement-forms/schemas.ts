import { z } from "zod";
import { Id } from "@/lib/engine/schemas";

/** What of a statement is written: its lines; every agent on every day; what was used, without any price. */
export const StatementForm = z.enum(["summary", "days", "usage"]);
export type StatementForm = z.infer<typeof StatementForm>;

export const StatementFormat = z.enum(["csv", "json", "pdf"]);
export type StatementFormat = z.infer<typeof StatementFormat>;

export const ExportStatementInput = z.object({
  id: Id,
  form: StatementForm.default("summary"),
  format: StatementFormat.default("pdf"),
});
export type ExportStatementInput = z.infer<typeof ExportStatementInput>;
