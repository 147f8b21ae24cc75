import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { Prisma } from "@/prisma/generated/client";
import type { Resource } from "./define";
import { addRelations } from "./relations";
import { resources } from "./resources";
import { columnsOf, toCatalogRow } from "./rows";
import { type CatalogPage, type OrderBy, QueryCatalogInput } from "./schemas";
import { comparable, fieldOf, toWhere } from "./where";

/**
 * One page of a noun, filtered, ordered and counted in the database, each row with what was asked of its relations (one query
 * per relation, for all rows). Ties are broken by id, so that pages never overlap. Throws invalid_input for an unknown field
 * or relation, for a value that is not of its field's type, and for filters and answers beyond their bounds.
 */
export async function queryCatalog(ctx: EngineContext, input: QueryCatalogInput): Promise<CatalogPage> {
  const query = QueryCatalogInput.parse(input);
  const resource = resources[query.resource];
  const where = allOf([
    query.where ? toWhere(resource, query.where) : null,
    query.tenantIds && resource.tenant
      ? Prisma.sql`(${resource.tenant} is null or ${resource.tenant} = any(${query.tenantIds}::uuid[]))`
      : null,
  ]);
  const columns = columnsOf(resource, query.fields);
  const order = orderOf(resource, query.orderBy ?? []);
  const [found, counted] = await Promise.all([
    query.limit === 0
      ? []
      : ctx.db.prisma.$queryRaw<Record<string, unknown>[]>`
          select ${columns} from ${resource.from} where ${where} order by ${order} limit ${query.limit} offset ${query.offset}`,
    ctx.db.prisma.$queryRaw<{ total: bigint }[]>`select count(*) as total from ${resource.from} where ${where}`,
  ]);
  const rows = found.map(toCatalogRow);
  await addRelations(ctx, resource, rows, query.relations ?? [], { tenantIds: query.tenantIds });
  return { rows, total: Number(counted[0]?.total ?? 0) };
}

function allOf(conditions: (Prisma.Sql | null)[]): Prisma.Sql {
  const given = conditions.filter((condition) => condition !== null);
  return given.length === 0 ? Prisma.sql`true` : Prisma.join(given, " and ");
}

function orderOf(resource: Resource, order: readonly OrderBy[]): Prisma.Sql {
  const parts = order.map(({ field: name, direction }) => {
    const expression = comparable(fieldOf(resource, name));
    return direction === "desc" ? Prisma.sql`${expression} desc nulls last` : Prisma.sql`${expression} asc nulls last`;
  });
  return Prisma.join([...parts, resource.id]);
}
