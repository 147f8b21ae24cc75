import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { invalidInput } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import type { Relation, Resource } from "./define";
import { resources } from "./resources";
import { columnsOf, toCatalogRow } from "./rows";
import type { CatalogRow, RelationInput } from "./schemas";

/** A page with all its related rows stays below some 100 MB; beyond it the caller is told to ask for fewer, never given less. */
const RELATED_MAX = 50_000;
/** A policy's groups' volumes' policy: deeper is no question of a client. */
const DEPTH_MAX = 3;

type OpenRow = CatalogRow & Record<string, unknown>;
interface Scope {
  readonly tenantIds?: readonly string[];
}

/** Puts related rows under their names into `rows`: one query per relation, whatever the number of rows. */
export async function addRelations(
  ctx: EngineContext,
  resource: Resource,
  rows: OpenRow[],
  wanted: readonly RelationInput[],
  scope: Scope,
  depth = 1,
): Promise<void> {
  if (wanted.length > 0 && depth > DEPTH_MAX)
    throw invalidInput(`Related objects can be selected at most ${DEPTH_MAX} deep.`);
  for (const input of wanted) {
    const relation = relationOf(resource, input.name);
    const { related, byNear } = await fetchRelated(ctx, relation, rows, input, scope);
    for (const row of rows) {
      const found = byNear.get(row.id) ?? [];
      row[input.name] = relation.many ? found : (found[0] ?? null);
    }
    await addRelations(ctx, resources[relation.resource], related, input.relations ?? [], scope, depth + 1);
  }
}

function relationOf(resource: Resource, name: string): Relation {
  const found = Object.hasOwn(resource.relations, name) ? resource.relations[name] : undefined;
  if (!found) throw invalidInput(`There is no relation "${name.slice(0, 60)}" to select.`);
  return found;
}

async function fetchRelated(
  ctx: EngineContext,
  relation: Relation,
  rows: readonly OpenRow[],
  input: RelationInput,
  scope: Scope,
): Promise<{ related: OpenRow[]; byNear: Map<string, OpenRow[]> }> {
  const byNear = new Map<string, OpenRow[]>();
  const far = resources[relation.resource];
  const columns = columnsOf(far, input.fields);
  if (rows.length === 0) return { related: [], byNear };
  const nearIds = [...new Set(rows.map((row) => row.id))];
  const inScope =
    scope.tenantIds && far.tenant
      ? Prisma.sql`(${far.tenant} is null or ${far.tenant} = any(${[...scope.tenantIds]}::uuid[]))`
      : Prisma.sql`true`;
  const found = await ctx.db.prisma.$queryRaw<Record<string, unknown>[]>`
    select pairs.near as "near of pair", ${columns}
      from (select * from (${relation.pairs}) every where every.near = any(${nearIds}::uuid[])) pairs, ${far.from}
     where pairs.far = ${far.id} and ${inScope} order by ${far.id} limit ${RELATED_MAX + 1}`;
  if (found.length > RELATED_MAX)
    throw invalidInput(`"${input.name}" comes to more than ${RELATED_MAX} objects. Ask for fewer rows at once.`);
  const related = found.map((row) => {
    const { "near of pair": near, ...rest } = row;
    const one = toCatalogRow(rest);
    const group = byNear.get(String(near));
    if (group) group.push(one);
    else byNear.set(String(near), [one]);
    return one;
  });
  return { related, byNear };
}
