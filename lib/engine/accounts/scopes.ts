import { z } from "zod";

/** What the operations of this core are about; every row of an API table is about one of them. */
export const Area = z.enum([
  /** This core itself: its name, settings, doors, mail. */
  "core",
  /** Agents, volumes, recovery points, captures, restores, policies. */
  "protection",
  /** Sessions, runs, their queue and throttle, seed drives, files. */
  "replication",
  /** Trust between cores. */
  "pairing",
  /** Where records lie, and their reconciliation with it. */
  "repositories",
  /** Customers and their quotas. */
  "tenants",
  /** The ledger, plans and statements. */
  "usage",
  /** Alerts and whom they are told. */
  "alerts",
  /** Accounts, sign-ins, tokens, the audit trail. */
  "people",
  /** The APIs of other products, all of them. */
  "vendors",
]);
export type Area = z.infer<typeof Area>;

type Access = "read" | "write";
export type Scope = `${Area | "*"}:${Access}` | "protected";

const ACCESS: readonly Access[] = ["read", "write"];
const ALL: readonly Scope[] = [
  ...(["*", ...Area.options] as const).flatMap((area) => ACCESS.map((access) => `${area}:${access}` as const)),
  "protected",
];

/**
 * What a token may be used for: "<area>:read" and "<area>:write", with "*" for every area, and "protected": actions that ask people for their
 * password once more. It takes nothing from role and tenants of the account, and adds nothing to them.
 */
export const Scope = z.enum(ALL as [Scope, ...Scope[]]);

export const DEFAULT_SCOPES: readonly Scope[] = ["*:read", "*:write"];
/** Of a token or key whose maker does not say how long it shall live. */
export const DEFAULT_LIFE_DAYS = 90;

/** As forms and scripts give them: each once, in one order. */
export const Scopes = z
  .array(Scope)
  .min(1, "Choose at least one thing that it may be used for.")
  .max(ALL.length)
  .transform((scopes) => ALL.filter((scope) => scopes.includes(scope)));

/** What of a row decides which scope it takes. */
export interface Scoped {
  readonly area: Area;
  readonly method: string;
  /** Where the method does not tell reading from writing. */
  readonly needs?: Access;
}

/** The scope that a credential needs for a row. */
export function scopeOf({ area, method, needs }: Scoped): Scope {
  const reads = needs === undefined ? method === "GET" || method === "HEAD" : needs === "read";
  return `${area}:${reads ? "read" : "write"}`;
}

/** Is this scope among those held? null: the credential was given out for everything. */
export function holdsScope(held: readonly string[] | null, scope: Scope): boolean {
  if (held === null || held.includes(scope)) return true;
  return scope !== "protected" && held.includes(`*:${scope.split(":")[1]}`);
}

/** Those of `scopes` that are not among those held: what nobody may hand on. */
export const beyond = (held: readonly string[] | null, scopes: readonly Scope[]): Scope[] =>
  scopes.filter((scope) => !holdsScope(held, scope));
