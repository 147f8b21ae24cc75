import type { CatalogRow, Condition, OrderBy, RelationInput } from "@/lib/engine/catalog/schemas";
import type { Around, WireResource } from "../table/column";
import type { WireFilter } from "./filter";
import type { WireOrder } from "./page";
import { badQuery } from "./refusal";
import type { Selection } from "./select";

/** What the catalog has to be asked for, so that a selection can be shown. */
export interface Wanted {
  readonly fields: string[];
  readonly relations: RelationInput[];
}

/** Names that this version does not have are passed over, as clients of other versions ask for theirs. */
export function wantedOf(resource: WireResource, selection: Selection): Wanted {
  const columns = namesOf(resource, selection).flatMap((name) => ownOf(resource.columns, name) ?? []);
  const nested = nestedOf(resource, selection).flatMap(([name, inner]): RelationInput[] => {
    const join = ownOf(resource.joins, name);
    const to = join?.to();
    return join?.relation && to ? [{ name: join.relation, ...wantedOf(to, inner) }] : [];
  });
  return {
    fields: [...new Set(["id", ...columns.flatMap(({ fields }) => fields ?? [])])],
    relations: mergeRelations([...columns.flatMap(({ relations }) => relations ?? []), ...nested]),
  };
}

/** One row as the selection wants to see it. */
export function toWire(
  resource: WireResource,
  selection: Selection,
  row: CatalogRow,
  around: Around,
): Record<string, unknown> {
  const told: Record<string, unknown> = {};
  for (const name of namesOf(resource, selection)) {
    const column = ownOf(resource.columns, name);
    if (column) told[name] = column.read(row, around);
  }
  for (const [name, inner] of nestedOf(resource, selection)) {
    const join = ownOf(resource.joins, name);
    if (!join) continue;
    const to = join.to();
    const related = join.relation && to ? row[join.relation] : null;
    const show = (one: CatalogRow) => (to ? toWire(to, inner, one, around) : null);
    if (join.many) told[name] = Array.isArray(related) ? related.map(show) : [];
    else told[name] = related ? show(related as CatalogRow) : null;
  }
  return told;
}

/** Plain properties of a selection, in the order in which they are told. */
function namesOf(resource: WireResource, { all, names }: Selection): string[] {
  return [...new Set([...(all ? Object.keys(resource.columns) : []), ...names])];
}

/** Related objects of a selection; one that is only named shows its ids. */
function nestedOf(resource: WireResource, { names, nested }: Selection): [string, Selection][] {
  const bare = [...names].filter((name) => !nested.has(name) && ownOf(resource.joins, name));
  const idOnly: Selection = { all: false, names: new Set(["id"]), nested: new Map() };
  return [...nested, ...bare.map((name): [string, Selection] => [name, idOnly])];
}

/** The same relation wanted by two names is fetched once, with what either wants of it. */
function mergeRelations(inputs: readonly RelationInput[]): RelationInput[] {
  const byName = new Map<string, RelationInput>();
  for (const input of inputs) {
    const known = byName.get(input.name);
    byName.set(input.name, {
      name: input.name,
      fields: [...new Set([...(known?.fields ?? []), ...(input.fields ?? [])])],
      relations: mergeRelations([...(known?.relations ?? []), ...(input.relations ?? [])]),
    });
  }
  return [...byName.values()];
}

/** Filters in the engine's words. Throws for a property that is none, or cannot be compared. */
export function toCondition(resource: WireResource, filter: WireFilter): Condition {
  if ("not" in filter) return { not: toCondition(resource, filter.not) };
  if ("and" in filter) return { and: filter.and.map((one) => toCondition(resource, one)) };
  if ("or" in filter) return { or: filter.or.map((one) => toCondition(resource, one)) };
  const column = columnOf(resource, filter.property);
  if (!column.filter) throw badQuery(`${resource.name} cannot be filtered by "${filter.property}".`);
  return column.filter(filter);
}

/** An order in the engine's words; by what is the same for all rows nothing is to be ordered. */
export function toOrder(resource: WireResource, order: readonly WireOrder[]): OrderBy[] {
  return order.flatMap(({ property, direction }) => {
    const column = columnOf(resource, property);
    if (column.order === undefined) throw badQuery(`${resource.name} cannot be ordered by "${property}".`);
    return column.order === null ? [] : [{ field: column.order, direction }];
  });
}

function columnOf(resource: WireResource, name: string) {
  const column = ownOf(resource.columns, name);
  if (!column) throw badQuery(`${resource.name} has no property "${name.slice(0, 60)}".`);
  return column;
}

const ownOf = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
