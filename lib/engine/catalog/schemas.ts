import { z } from "zod";
import { Id } from "@/lib/engine/schemas";

/** The nouns that can be asked for; each is a table of fields in resources/. */
export const CatalogResource = z.enum([
  "core",
  "tenant",
  "repository",
  "agent",
  "volume",
  "recoveryPoint",
  "image",
  "pairing",
  "session",
  "policy",
  "snapshotRule",
  "replicationRule",
  "vendorJob",
]);
export type CatalogResource = z.infer<typeof CatalogResource>;

/** As a client wrote it, or typed already; the field's type decides how it is read. */
export const CatalogValue = z.union([z.string().max(4000), z.number(), z.boolean()]);
export type CatalogValue = z.infer<typeof CatalogValue>;

export type Comparison = "eq" | "neq" | "gt" | "gte" | "lt" | "lte";

/**
 * A tree of conditions over the fields of one resource. As in SQL, a comparison with an empty field is neither true nor
 * false: only isNull finds it.
 */
export type Condition =
  | { readonly field: string; readonly is: Comparison; readonly value: CatalogValue }
  /** `%` stands for any text, `_` for one character, `\` takes the meaning from the next; case is ignored. */
  | { readonly field: string; readonly is: "ilike"; readonly value: string }
  | { readonly field: string; readonly is: "in"; readonly values: readonly CatalogValue[] }
  | { readonly field: string; readonly is: "null" }
  /** Lists: has all of these · has nothing but these. */
  | { readonly field: string; readonly is: "contains" | "containedBy"; readonly values: readonly CatalogValue[] }
  | { readonly not: Condition }
  | { readonly and: readonly Condition[] }
  | { readonly or: readonly Condition[] }
  /** For what a door knows without asking, as a filter on a field that is the same for all rows. */
  | { readonly always: boolean };

/** What to fetch of another noun for each row, under the relation's name. */
export interface RelationInput {
  readonly name: string;
  /** All fields when not given. */
  readonly fields?: readonly string[];
  readonly relations?: readonly RelationInput[];
}

export interface OrderBy {
  readonly field: string;
  readonly direction: "asc" | "desc";
}

/** More than a page of any door holds; each row may carry related rows. */
export const ROWS_MAX = 2_000;

export const QueryCatalogInput = z.object({
  resource: CatalogResource,
  /** All when not given. id is always among them. */
  fields: z.array(z.string()).max(200).optional(),
  where: z.custom<Condition>().optional(),
  orderBy: z
    .array(z.object({ field: z.string(), direction: z.enum(["asc", "desc"]) }))
    .max(10)
    .optional(),
  limit: z.number().int().min(0).max(ROWS_MAX),
  offset: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  /** Only rows of these tenants. What belongs to the core as a whole, as a rule, is shown with any. */
  tenantIds: z.array(Id).max(1_000).optional(),
  relations: z.array(z.custom<RelationInput>()).max(20).optional(),
});
export type QueryCatalogInput = z.input<typeof QueryCatalogInput>;

/** Fields by name; moments as ISO 8601 in UTC, bytes and counts as numbers, relations as rows or null. */
export type CatalogRow = { readonly id: string } & Readonly<Record<string, unknown>>;

export interface CatalogPage {
  readonly rows: CatalogRow[];
  /** Of all rows that fit, on this page or not. */
  readonly total: number;
}
