import "server-only";
import { Prisma } from "@/prisma/generated/client";
import type { CatalogResource } from "./schemas";

/**
 * How values of a field are read and compared. `name` ignores case; `word` is one of a few fixed texts; `ids` and `words` are
 * lists; `json` can be selected only.
 */
export type FieldType =
  | "id"
  | "text"
  | "name"
  | "word"
  | "integer"
  | "boolean"
  | "instant"
  | "words"
  | "numbers"
  | "json";

export interface Field {
  readonly type: FieldType;
  readonly sql: Prisma.Sql;
}

/** Rows of another noun that belong to a row: `pairs` selects (near, far), the ids of both. */
export interface Relation {
  readonly resource: CatalogResource;
  /** false: at most one, told as a row or null. */
  readonly many: boolean;
  readonly pairs: Prisma.Sql;
}

export interface Resource {
  /** The table and what is joined to it. Left joins only, on unique keys: Postgres leaves out those that a query does not use. */
  readonly from: Prisma.Sql;
  readonly id: Prisma.Sql;
  /** The tenant whose row it is; not given: it belongs to the core as a whole. */
  readonly tenant?: Prisma.Sql;
  readonly fields: Readonly<Record<string, Field>>;
  readonly relations: Readonly<Record<string, Relation>>;
}

/** A field by a constant of ours; input never becomes SQL text. */
export const field = (type: FieldType, sql: string): Field => ({ type, sql: Prisma.raw(sql) });
export const sql = Prisma.raw;

export const one = (resource: CatalogResource, pairs: string): Relation => ({
  resource,
  many: false,
  pairs: Prisma.raw(pairs),
});
export const many = (resource: CatalogResource, pairs: string): Relation => ({
  resource,
  many: true,
  pairs: Prisma.raw(pairs),
});
