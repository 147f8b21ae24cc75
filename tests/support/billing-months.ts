import { randomUUID } from "node:crypto";

/** Runs one statement on the core's own database. */
export type Sql = (statement: string, values: unknown[]) => Promise<unknown>;

export interface BilledAgent {
  readonly name: string;
  /** Logical bytes at the first day, and what each day adds. */
  readonly protectedBytes: number;
  readonly grownBytes: number;
  /** Of the logical bytes, what stays after deduplication and compression. */
  readonly storedShare: number;
  /** Day on which it comes, and on which it goes, counted from the first. */
  readonly from?: number;
  readonly to?: number;
}

export interface BilledTenant {
  readonly name: string;
  readonly customerId: string;
  readonly timeZone: string;
  readonly emails?: readonly string[];
  readonly agents: readonly BilledAgent[];
}

export interface BillingMonths {
  readonly repositoryId: string;
  /** Midnight, UTC. */
  readonly from: Date;
  readonly to: Date;
  readonly tenants: readonly BilledTenant[];
  /** Hours in which nobody measured, from and to, in UTC. */
  readonly gaps?: readonly (readonly [Date, Date])[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** When the day's backup is there. */
const BACKUP_HOUR = 2;

interface Entry {
  at: string;
  agent_id: string;
  agent_name: string;
  tenant_id: string;
  protected_bytes: number;
  stored_bytes: number;
  transferred_bytes: number;
  recovery_points: number;
  is_end: boolean;
}

/**
 * Months of a ledger as hourly measuring would have written it: a measurement each hour, an entry at the first one of each day and when
 * the night's backup has changed the figures, an end when an agent goes. What is there at the end stands as agents with one point each,
 * so that the core goes on measuring the same. Returns the ids of tenants by name.
 */
export async function writeBillingMonths(sql: Sql, months: BillingMonths): Promise<ReadonlyMap<string, string>> {
  const tenants = months.tenants.map((tenant) => ({ ...tenant, id: randomUUID() }));
  const agents = tenants.flatMap((tenant) =>
    tenant.agents.map((agent) => ({ ...agent, id: randomUUID(), tenantId: tenant.id })),
  );
  const measured = hoursOf(months);
  const entries = agents.flatMap((agent) => entriesOf(agent, months, measured));
  const rows = {
    tenants: tenants.map(({ id, name, customerId, timeZone, emails = [] }) => ({
      id,
      name,
      customer_id: customerId,
      time_zone: timeZone,
      statement_emails: emails,
    })),
    agents: agents
      .filter((agent) => agent.to === undefined)
      .map((agent) => ({ ...agent, newest: newestOf(entries, agent.id) }))
      .filter((agent) => agent.newest !== undefined),
  };
  // One statement: what looks at tenants meanwhile sees them with their history, or not at all.
  await sql(
    `with tenant as (
      insert into tenant (id, name, customer_id, time_zone, statement_emails, created_at)
      select id, name, customer_id, time_zone, statement_emails, $5::timestamptz
      from jsonb_to_recordset($1::jsonb) as t(id uuid, name text, customer_id text, time_zone text, statement_emails text[])
    ), made as (
      insert into agent (id, name, host_name, tenant_id, repository_id, transferred_bytes)
      select id, name, name || '.example', "tenantId", $4::uuid, (newest->>'transferred_bytes')::bigint
      from jsonb_to_recordset($2::jsonb) as a(id uuid, name text, "tenantId" uuid, newest jsonb)
    ), point as (
      insert into recovery_point (id, agent_id, repository_id, sequence, created_at, logical_bytes, stored_bytes)
      select gen_random_uuid(), id, $4::uuid, 1, $5::timestamptz, (newest->>'protected_bytes')::bigint, (newest->>'stored_bytes')::bigint
      from jsonb_to_recordset($2::jsonb) as a(id uuid, newest jsonb)
    ), measurement as (
      insert into usage_measurement (at, agents) select (m->>0)::timestamptz, 0 from jsonb_array_elements($6::jsonb) as m
    )
    insert into usage_entry (at, origin, agent_id, agent_name, host_name, tenant_id, repository_id, protected_bytes, stored_bytes,
      transferred_bytes, recovery_points, agents, is_end)
    select at, 'measured', agent_id, agent_name, agent_name || '.example', tenant_id, $4::uuid, protected_bytes, stored_bytes,
      transferred_bytes, recovery_points, case when is_end then 0 else 1 end, is_end
    from jsonb_to_recordset($3::jsonb) as e(at timestamptz, agent_id uuid, agent_name text, tenant_id uuid, protected_bytes bigint,
      stored_bytes bigint, transferred_bytes bigint, recovery_points int, is_end boolean) order by at`,
    [
      JSON.stringify(rows.tenants),
      JSON.stringify(rows.agents),
      JSON.stringify(entries),
      months.repositoryId,
      months.from.toISOString(),
      JSON.stringify(measured.map((at) => [new Date(at).toISOString()])),
    ],
  );
  return new Map(tenants.map(({ name, id }) => [name, id]));
}

function hoursOf({ from, to, gaps = [] }: BillingMonths): number[] {
  const count = Math.floor((to.getTime() - from.getTime()) / HOUR_MS) + 1;
  const hours = Array.from({ length: count }, (_, at) => from.getTime() + at * HOUR_MS);
  return hours.filter((at) => !gaps.some(([begin, end]) => at > begin.getTime() && at < end.getTime()));
}

function entriesOf(
  agent: BilledAgent & { id: string; tenantId: string },
  { from }: BillingMonths,
  measured: readonly number[],
): Entry[] {
  const entries: Entry[] = [];
  const base = { agent_id: agent.id, agent_name: agent.name, tenant_id: agent.tenantId };
  let last = "";
  for (const at of measured) {
    const backup = Math.floor((at - from.getTime() - BACKUP_HOUR * HOUR_MS) / DAY_MS);
    const age = backup - (agent.from ?? 0);
    if (age < 0) continue;
    const isGone = agent.to !== undefined && backup >= agent.to;
    const figures = isGone ? { ...NOTHING, transferred_bytes: transferred(agent, age) } : figuresOf(agent, age);
    const key = `${new Date(at).toISOString().slice(0, 10)} ${JSON.stringify(figures)}`;
    if (key !== last) entries.push({ at: new Date(at).toISOString(), ...base, ...figures, is_end: isGone });
    last = key;
    if (isGone) break;
  }
  return entries;
}

const NOTHING = { protected_bytes: 0, stored_bytes: 0, recovery_points: 0 };

const transferred = (agent: BilledAgent, age: number) =>
  Math.round(agent.protectedBytes * agent.storedShare) + age * Math.round(agent.grownBytes * 1.4);

/** Grows, and a little less on every seventh day. */
function figuresOf(agent: BilledAgent, age: number) {
  const bytes = agent.protectedBytes + age * agent.grownBytes - (age % 7 === 6 ? Math.round(agent.grownBytes / 2) : 0);
  return {
    protected_bytes: bytes,
    stored_bytes: Math.round(bytes * agent.storedShare),
    transferred_bytes: transferred(agent, age),
    recovery_points: Math.min(30, age + 1),
  };
}

const newestOf = (entries: readonly Entry[], agentId: string) =>
  entries.findLast((entry) => entry.agent_id === agentId);

const GB = 1_000_000_000;

/** Three customers with a plain, a growing and a changing month: as many as a page can be judged by. */
export const THREE_TENANTS: readonly BilledTenant[] = [
  {
    name: "Żółw Logistyka",
    customerId: "PL-0042",
    timeZone: "Europe/Warsaw",
    emails: ["billing@zolw.example"],
    agents: [
      { name: "erp-01", protectedBytes: 812 * GB, grownBytes: 1.9 * GB, storedShare: 0.41 },
      { name: "mail-01", protectedBytes: 455 * GB, grownBytes: 3.2 * GB, storedShare: 0.52 },
      {
        name: "files-warszawa-magazyn-glowny-02.corp.zolw.example",
        protectedBytes: 1304 * GB,
        grownBytes: 6.4 * GB,
        storedShare: 0.63,
      },
    ],
  },
  {
    name: "Baker & Sons",
    customerId: "UK-17",
    timeZone: "Europe/London",
    agents: [
      { name: "till-server", protectedBytes: 96 * GB, grownBytes: 0.4 * GB, storedShare: 0.38 },
      { name: "accounts", protectedBytes: 210 * GB, grownBytes: 0.7 * GB, storedShare: 0.45, to: 80 },
      { name: "warehouse-new", protectedBytes: 340 * GB, grownBytes: 2.1 * GB, storedShare: 0.5, from: 72 },
    ],
  },
  {
    name: "Pacific Clinic",
    customerId: "US-900",
    timeZone: "America/Los_Angeles",
    agents: [
      { name: "imaging-01", protectedBytes: 2650 * GB, grownBytes: 11.5 * GB, storedShare: 0.72 },
      { name: "records-db", protectedBytes: 380 * GB, grownBytes: 1.2 * GB, storedShare: 0.33 },
    ],
  },
];
