import { queryCatalog } from "@/lib/engine/catalog";
import { type Condition, ROWS_MAX } from "@/lib/engine/catalog/schemas";
import type { EngineContext } from "@/lib/engine/context";
import { conflict, notFound } from "@/lib/errors";
import type { VendorCall, VendorResult } from "../row";
import { parseFilters } from "./query/filter";
import { noSuchRange, parseOrder, parsePage } from "./query/page";
import { toCondition, toOrder, toWire, wantedOf } from "./query/plan";
import { parseSelect } from "./query/select";
import type { Around, WireResource } from "./table/column";

/** A query string as it was written: filters may be given more than once. */
export type Query = readonly (readonly [string, string])[];
type Shown = Record<string, unknown>;

/**
 * A list of a resource: filtered, ordered and cut as the query says. 206 with Content-Range when there is more than the page, else 200.
 * Throws bad_range beyond the end.
 */
export async function listResource(
  ctx: EngineContext,
  call: VendorCall,
  resource: WireResource,
  query: Query,
): Promise<VendorResult<Shown[]>> {
  const given = new Map(query);
  const { limit, offset } = parsePage(given, call.request.headers.get("range"));
  const selection = parseSelect(given.get("select"));
  const filters = parseFilters(query);
  const { rows, total } = await queryCatalog(ctx, {
    resource: resource.resource,
    ...wantedOf(resource, selection),
    where: allOf(resource.base, filters && toCondition(resource, filters)),
    orderBy: toOrder(resource, parseOrder(given.get("order"))),
    limit,
    offset,
  });
  if (offset > 0 && offset >= total) throw noSuchRange();
  const body = rows.map((row) => toWire(resource, selection, row, aroundOf(ctx, call)));
  if (rows.length === total) return { body };
  return {
    status: 206,
    body,
    headers: { "content-range": `${offset}-${offset + rows.length - 1}/${total}` },
  };
}

/** One resource by id or `name:…`. Throws not_found. */
export async function readResource(
  ctx: EngineContext,
  call: VendorCall,
  resource: WireResource,
  { id, query }: { id: string; query: Query },
): Promise<VendorResult<Shown>> {
  const selection = parseSelect(new Map(query).get("select"));
  const { rows } = await queryCatalog(ctx, {
    resource: resource.resource,
    ...wantedOf(resource, selection),
    where: allOf(resource.base, toCondition(resource, identity(id))),
    limit: 1,
  });
  const [row] = rows;
  if (!row) throw notFound(resource.name.replaceAll("_", " "));
  return { body: toWire(resource, selection, row, aroundOf(ctx, call)) };
}

export interface Found {
  readonly id: string;
  readonly name: string;
}

/** The engine's id of what a client names by id or by `name:…`, in an address or a body. Throws not_found. */
export async function findOne(
  ctx: EngineContext,
  resource: WireResource,
  id: string,
  fields: readonly string[] = [],
): Promise<Found & Readonly<Record<string, unknown>>> {
  const name = resource.columns.name?.fields ?? [];
  const { rows } = await queryCatalog(ctx, {
    resource: resource.resource,
    fields: [...new Set([...fields, ...name])],
    where: allOf(resource.base, toCondition(resource, identity(id))),
    limit: 1,
  });
  const [row] = rows;
  if (!row) throw notFound(resource.name.replaceAll("_", " "));
  return { ...row, name: String(row.name ?? "") };
}

/** The engine's ids of several, in their order, in two queries however many they are. Throws not_found for the first that is unknown. */
export async function findMany(ctx: EngineContext, resource: WireResource, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const names = ids.filter((id) => id.startsWith(NAMED)).map((id) => id.slice(NAMED.length));
  const { rows } = await queryCatalog(ctx, {
    resource: resource.resource,
    fields: [...(resource.columns.name?.fields ?? [])],
    where: allOf(resource.base, {
      or: [
        toCondition(resource, { property: "id", operator: "in", values: ids.filter((id) => !id.startsWith(NAMED)) }),
        toCondition(resource, { property: "name", operator: "in", values: names }),
      ],
    }),
    limit: ROWS_MAX,
  });
  const known = new Map(
    rows.flatMap(({ id, name }) => [
      [id, id],
      [`${NAMED}${String(name)}`.toLowerCase(), id],
    ]),
  );
  return ids.map((id) => {
    const found = known.get(id.toLowerCase());
    if (!found) throw notFound(resource.name.replaceAll("_", " "));
    return found;
  });
}

/**
 * Names are told apart without regard to their case there, and an object may be addressed by its name. Throws conflict ("exists") when
 * another one has this name.
 */
export async function assertNameFree(
  ctx: EngineContext,
  resource: WireResource,
  name: string | undefined,
  exceptId?: string,
): Promise<void> {
  if (name === undefined) return;
  const other: Condition = { field: "id", is: "neq", value: exceptId ?? "" };
  const where = allOf(
    resource.base,
    toCondition(resource, { property: "name", operator: "eq", values: [name] }),
    other,
  );
  const { total } = await queryCatalog(ctx, { resource: resource.resource, where, limit: 0 });
  if (total > 0)
    throw conflict(
      `There is a ${resource.name.replaceAll("_", " ")} named "${name}" already. Choose another name.`,
      "exists",
    );
}

const NAMED = "name:";

const identity = (id: string) =>
  id.startsWith(NAMED)
    ? ({ property: "name", operator: "eq", values: [id.slice(NAMED.length)] } as const)
    : ({ property: "id", operator: "eq", values: [id] } as const);

const allOf = (...conditions: (Condition | null | undefined)[]): Condition => ({
  and: conditions.flatMap((condition) => condition ?? []),
});

function aroundOf(ctx: EngineContext, { baseUrl }: VendorCall): Around {
  return { now: ctx.now(), host: new URL(baseUrl).hostname };
}
