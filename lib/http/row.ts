import type { z } from "zod";
import type { Role } from "@/lib/engine/accounts/schemas";
import type { Area } from "@/lib/engine/accounts/scopes";

/**
 * What an account that is bound to tenants may do with a row. "core": nothing, it is about the whole core. "tenant": it works on the
 * rows of its tenants, and the database shows it no others. "own": it is about the account itself, and the verb looks at nothing else.
 */
export type Reach = "core" | "tenant" | "own";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/**
 * One endpoint as data: the route, the browser's fetcher, the reference page and the tests are all served from it.
 * `path` has `{name}` parts; those names, the query and the JSON body together are `input`.
 */
export interface Row<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly method: Method;
  readonly path: `/${string}`;
  readonly summary: string;
  /** What it is about: with the method it says which scope a token needs for it. */
  readonly area: Area;
  /** Who may call: these roles, or anyone at all. Deny is the default: there is no empty list. */
  readonly roles: readonly [Role, ...Role[]] | "anyone";
  /** Absent: "core". */
  readonly reach?: Reach;
  /** May also be called by who still has to set up the second factor that this core asks for. */
  readonly isOpenBeforeSecondFactor?: boolean;
  readonly input: I;
  readonly output: O;
}

export const row = <I extends z.ZodType, O extends z.ZodType>(definition: Row<I, O>): Row<I, O> => definition;

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  code: string;
  /** The two-person request that waits for a second person. */
  agreementId?: string;
  requestId: string;
}

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
/** Prices and statements. */
export const billers = ["administrator", "billing"] as const satisfies readonly Role[];
