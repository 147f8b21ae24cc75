import { z } from "zod";
import type { Role } from "@/lib/engine/accounts/schemas";
import { Id } from "@/lib/engine/schemas";

export { row } from "@/lib/http/row";

/** Who may call, as the rows say it. */
export const everyone = [
  "administrator",
  "approver",
  "engineer",
  "billing",
  "reader",
] as const satisfies readonly Role[];
export const operators = ["administrator", "engineer"] as const satisfies readonly Role[];
export const approvers = ["administrator", "approver"] as const satisfies readonly Role[];
export const administrators = ["administrator"] as const satisfies readonly Role[];

export const ById = z.object({ id: Id });
export const Nothing = z.object({});
