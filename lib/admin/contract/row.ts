import { z } from "zod";
import { Id } from "@/lib/engine/schemas";

export { administrators, approvers, billers, everyone, operators, row } from "@/lib/http/row";

export const ById = z.object({ id: Id });
export const Nothing = z.object({});
