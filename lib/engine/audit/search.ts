import "server-only";
import type { Pool } from "pg";
import type { EngineContext } from "@/lib/engine/context";
import { invalidInput } from "@/lib/errors";
import { Conditions } from "./conditions";
import type { AuditEntry, AuditFilter, AuditPage, AuditResult, SearchAuditInput } from "./schemas";

/** Entries that one page looks at, at most: about a tenth of a second. A rarer match takes another page. */
const LOOKED_AT_MAX = 50_000;
/** Different actions, or actors, that a beginning or a part may stand for and still be looked up one by one. */
const VALUES_MAX = 300;

const COLUMNS = `id, at, actor, actor_kind, actor_id, action, subject, door, address, request_id, result, reason, detail, position, hash`;

/** A page of the audit trail, newest first. */
export async function searchAudit(ctx: EngineContext, input: SearchAuditInput): Promise<AuditPage> {
  const { limit, cursor, ...filter } = input;
  return searchPage(ctx.db.pool, filter, cursor, limit);
}

/** The same for who reads on and on: the export. */
export async function searchPage(
  pool: Pool,
  filter: AuditFilter,
  cursor: string | undefined,
  limit: number,
): Promise<AuditPage> {
  const values = await valuesOf(pool, filter);
  if (values.actions?.length === 0 || values.actors?.length === 0)
    return { items: [], nextCursor: null, searchedTo: null };
  const conditions = new Conditions();
  const looked = lookedAt(conditions, filter, values, cursor, limit);
  const matching = conditions.every([...restOf(conditions, filter, values)]);
  const order = "order by at desc, id desc";
  const { rows } = await pool.query<Row>(
    `select * from (${looked}) looked where ${matching} ${order} limit ${limit + 1}`,
    conditions.values,
  );
  const items = rows.slice(0, limit).map(toEntry);
  const last = items.at(-1);
  if (rows.length > limit && last) return { items, nextCursor: toCursor(last), searchedTo: last.at };
  const end = await endOf(pool, filter, values, cursor, limit);
  return { items, nextCursor: end && toCursor(end), searchedTo: end?.at ?? null };
}

/** Which whole values the filter's beginnings and parts stand for; null: too many, or not asked for. */
interface Values {
  readonly actions: readonly string[] | null;
  readonly actors: readonly string[] | null;
}

async function valuesOf(pool: Pool, { action, actor }: AuditFilter): Promise<Values> {
  const [actions, actors] = await Promise.all([
    action ? distinct(pool, "action") : null,
    actor ? distinct(pool, "actor") : null,
  ]);
  const part = actor?.toLowerCase() ?? "";
  return {
    actions: actions?.filter((value) => value.startsWith(action ?? "")) ?? null,
    actors: actors?.filter((value) => value.toLowerCase().includes(part)) ?? null,
  };
}

/** Every value of a column, one index entry each; null when there are too many. */
async function distinct(pool: Pool, column: "action" | "actor"): Promise<string[] | null> {
  const { rows } = await pool.query<{ value: string }>(
    `with recursive known as (
       (select ${column} as value from audit_entry order by ${column} limit 1)
       union all
       select (select ${column} from audit_entry where ${column} > known.value order by ${column} limit 1)
       from known where known.value is not null)
     select value from known where value is not null limit ${VALUES_MAX + 1}`,
  );
  return rows.length > VALUES_MAX ? null : rows.map(({ value }) => value);
}

/** The newest entries that an index finds, no more than a page looks at. What it does not find, `restOf` leaves out. */
function lookedAt(on: Conditions, filter: AuditFilter, values: Values, cursor: string | undefined, limit: number) {
  const range = () => on.every(rangeOf(on, filter, cursor));
  const found = (condition: string) =>
    `select ${COLUMNS} from audit_entry where ${condition} and ${range()} order by at desc, id desc limit ${LOOKED_AT_MAX}`;
  const list = values.actions ?? values.actors;
  if (filter.subject) return found(on.is("subject", filter.subject));
  if (list?.length === 1) return found(on.is(values.actions ? "action" : "actor", list[0]));
  if (filter.result && filter.result !== "done") return found(on.is("result", filter.result, "audit_result"));
  if (list && isAlone(filter)) {
    const column = values.actions ? "action" : "actor";
    return `select found.* from unnest(${on.value(list)}::text[]) one(value) cross join lateral (
      select ${COLUMNS} from audit_entry where ${column} = one.value and ${range()}
      order by at desc, id desc limit ${limit + 1}) found`;
  }
  return found("true");
}

/** Nothing is asked for but one column and a time: then each value's newest entries are enough. */
const isAlone = ({ subject, result, door, text, actor, action }: AuditFilter) =>
  !subject && !result && !door && !text && !(actor && action);

function* rangeOf(on: Conditions, { from, to }: AuditFilter, cursor: string | undefined): Generator<string> {
  if (from) yield `at >= ${on.value(from)}::timestamptz`;
  if (to) yield `at < ${on.value(to)}::timestamptz`;
  if (cursor !== undefined) {
    const { at, id } = readCursor(cursor);
    yield `(at, id) < (${on.value(at)}::timestamptz, ${on.value(id)}::bigint)`;
  }
}

function* restOf(on: Conditions, filter: AuditFilter, { actions, actors }: Values): Generator<string> {
  const { subject, result, door, text, action, actor } = filter;
  if (subject) yield on.is("subject", subject);
  if (result) yield on.is("result", result, "audit_result");
  if (door) yield on.is("door", door);
  if (actions) yield `action = any(${on.value(actions)}::text[])`;
  else if (action) yield `starts_with(action, ${on.value(action)})`;
  if (actors) yield `actor = any(${on.value(actors)}::text[])`;
  else if (actor) yield `position(lower(${on.value(actor)}) in lower(actor)) > 0`;
  if (text) {
    const part = on.value(text);
    const columns = ["subject", "address", "reason", "request_id", "detail::text"];
    yield `(${columns.map((column) => `strpos(lower(${column}), lower(${part})) > 0`).join(" or ")})`;
  }
}

/** Where the look ended, when it ended before the trail did; null: everything was looked at. */
async function endOf(
  pool: Pool,
  filter: AuditFilter,
  values: Values,
  cursor: string | undefined,
  limit: number,
): Promise<{ id: string; at: string } | null> {
  const on = new Conditions();
  const looked = lookedAt(on, filter, values, cursor, limit);
  if (looked.includes("lateral")) return null;
  const { rows } = await pool.query<{ id: bigint; at: Date }>(
    `select id, at from (${looked}) looked order by at desc, id desc offset ${LOOKED_AT_MAX - 1} limit 1`,
    on.values,
  );
  const [end] = rows;
  return end ? { id: String(end.id), at: end.at.toISOString() } : null;
}

interface Row {
  id: bigint;
  at: Date;
  actor: string;
  actor_kind: string;
  actor_id: string | null;
  action: string;
  subject: string;
  door: string;
  address: string;
  request_id: string;
  result: AuditResult;
  reason: string;
  detail: Record<string, unknown>;
  position: bigint | null;
  hash: Buffer | null;
}

const toEntry = (row: Row): AuditEntry => ({
  id: String(row.id),
  at: row.at.toISOString(),
  actor: row.actor,
  actorKind: row.actor_kind,
  actorId: row.actor_id,
  action: row.action,
  subject: row.subject,
  door: row.door,
  address: row.address,
  requestId: row.request_id,
  result: row.result,
  reason: row.reason,
  detail: row.detail,
  position: row.position === null ? null : Number(row.position),
  hash: row.hash?.toString("hex") ?? null,
});

const toCursor = ({ at, id }: { at: string; id: string }) => `${Date.parse(at)}.${id}`;

function readCursor(cursor: string): { at: string; id: string } {
  const [, ms, id] = /^(\d{1,14})\.(\d{1,18})$/.exec(cursor) ?? [];
  if (!ms || !id) throw invalidInput("The cursor is not one that this list gave out.");
  return { at: new Date(Number(ms)).toISOString(), id };
}
