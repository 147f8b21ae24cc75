import "server-only";
import { Prisma } from "@/prisma/generated/client";
import type { Resource } from "./define";
import type { CatalogRow } from "./schemas";
import { fieldOf } from "./where";

/** The columns of these fields, or of all, under their names; id is always among them. */
export function columnsOf(resource: Resource, names: readonly string[] | undefined): Prisma.Sql {
  const wanted = new Set(["id", ...(names ?? Object.keys(resource.fields))]);
  return Prisma.join(
    [...wanted].map((name) => {
      const { sql } = fieldOf(resource, name);
      // A name that fieldOf knows is one of our own.
      return Prisma.sql`${sql} as ${Prisma.raw(`"${name}"`)}`;
    }),
  );
}

/** Values as they travel: bytes and counts as numbers, moments as ISO 8601 in UTC. */
export function toCatalogRow(row: Record<string, unknown>): CatalogRow & Record<string, unknown> {
  const plain = Object.fromEntries(Object.entries(row).map(([name, value]) => [name, toPlain(value)]));
  return { ...plain, id: String(row.id) };
}

function toPlain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  return value instanceof Date ? value.toISOString() : value;
}
