import "server-only";
import type { Database, Tx } from "@/lib/db/client";
import { Prisma } from "@/prisma/generated/client";
import type { QuotaMeter } from "./schemas";

export type Queries = Tx | Database["prisma"];
export type Used = Readonly<Record<QuotaMeter, number>>;

export const NOTHING: Used = { stored: 0, protected: 0 };

/** Whose bytes, and what of what is arriving is left out: the asker's own. */
export interface UsedInput {
  readonly of: "tenant" | "agent";
  readonly ids: readonly string[];
  readonly meter: QuotaMeter;
  readonly now: Date;
  readonly withoutArriving?: string;
  /** Protected bytes of this agent are left out: a new point replaces them. */
  readonly withoutAgent?: string;
}

/**
 * Bytes in use, by tenant or agent: what recovery points hold, what came for points that are still to be, and what has room promised.
 * Exact at the moment of the question. Stored bytes are read from sums that are kept (10,000 rows for 10,000 agents, however many
 * points), protected ones from the newest point of each machine.
 */
export async function usedBytes(db: Queries, input: UsedInput): Promise<Map<string, number>> {
  if (input.ids.length === 0) return new Map();
  const rows = await db.$queryRaw<{ id: string; bytes: bigint }[]>(
    input.meter === "stored" ? stored(input) : protectedOf(input),
  );
  return new Map(rows.map(({ id, bytes }) => [id, Number(bytes)]));
}

const keyOf = (of: UsedInput["of"]) => (of === "tenant" ? Prisma.sql`a.tenant_id` : Prisma.sql`a.id`);
const uuids = (ids: readonly string[]) => Prisma.sql`${[...ids]}::uuid[]`;

function stored({ of, ids, now, withoutArriving }: UsedInput): Prisma.Sql {
  const key = keyOf(of);
  const arrivingKey = of === "tenant" ? Prisma.sql`r.tenant_id` : Prisma.sql`r.agent_id`;
  return Prisma.sql`
    select id, greatest(sum(bytes), 0)::bigint as bytes from (
      select ${key} as id, t.stored_bytes as bytes from agent a join stored_total t on t.agent_id = a.id where ${key} = any(${uuids(ids)})
      union all
      select ${key}, c.stored_bytes from stored_change c join agent a on a.id = c.agent_id where ${key} = any(${uuids(ids)})
      union all
      select ${arrivingKey}, r.stored_bytes from arriving_bytes r
      where ${arrivingKey} = any(${uuids(ids)}) and r.expires_at > ${now} and r.id is distinct from ${withoutArriving ?? null}::uuid
    ) parts group by id`;
}

/** What a copy shows is protected once, as the machine's own. */
function protectedOf({ of, ids, now, withoutArriving, withoutAgent }: UsedInput): Prisma.Sql {
  const key = keyOf(of);
  return Prisma.sql`
    select ${key} as id, sum(greatest(newest.logical_bytes, coming.bytes))::bigint as bytes
    from agent a
    left join lateral (
      select logical_bytes from recovery_point where agent_id = a.id order by sequence desc limit 1
    ) newest on true
    left join (
      select agent_id, max(protected_bytes) as bytes from arriving_bytes
      where expires_at > ${now} and protected_bytes is not null and id is distinct from ${withoutArriving ?? null}::uuid
      group by agent_id
    ) coming on coming.agent_id = a.id
    where ${key} = any(${uuids(ids)}) and a.kind = 'machine' and a.id is distinct from ${withoutAgent ?? null}::uuid
    group by 1`;
}

/** How many changes are added up in one go; the rest goes with the next sweep. */
const CHANGES_MAX = 100_000;
/** Tells this kind of advisory lock from others. */
const LOCK_KIND = 7131;

/** Adds changes up, and forgets what belongs to nobody any more. One process at a time; who reads meanwhile sees the same sums. */
export async function addUpStored(tx: Tx, now: Date): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(${LOCK_KIND}::int, 0)`;
  await tx.$executeRaw`
    with gone as (
      delete from stored_change where id in (select id from stored_change order by id limit ${CHANGES_MAX})
      returning agent_id, stored_bytes
    )
    insert into stored_total (agent_id, stored_bytes)
    select agent_id, sum(stored_bytes) from gone where exists (select 1 from agent where id = gone.agent_id) group by agent_id
    on conflict (agent_id) do update set stored_bytes = stored_total.stored_bytes + excluded.stored_bytes`;
  await tx.$executeRaw`delete from stored_total t where not exists (select 1 from agent where id = t.agent_id)`;
  await tx.$executeRaw`delete from arriving_bytes where expires_at <= ${now}`;
}
