import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { findCore, PROTOCOL_VERSION, VERSION } from "@/lib/engine/core";
import { ONLINE_SECONDS } from "@/lib/engine/pairing/contact";
import { listRepositories } from "@/lib/engine/repositories";
import { Id } from "@/lib/engine/schemas";
import { invalidInput } from "@/lib/errors";
import { Prisma } from "@/prisma/generated/client";
import { RANK, type SystemRow, systemQuery } from "./query";
import type { ListSystemsInput, System, SystemPage } from "./schemas";

/** One page of repositories holds the storage of this core; with more of them, the sums are of the first by name. */
const REPOSITORIES_MAX = 200;

const REJECTED = ["denied", "ignored", "blocked", "expired"];

/**
 * A page of the cores that this one knows: itself first, then sources, then targets, by name. Those that wait for an answer are
 * among them; refused ones only when asked for. Ended pairings are not.
 */
export async function listSystems(ctx: EngineContext, input: ListSystemsInput): Promise<SystemPage> {
  const states = [
    "established",
    ...(input.includePending ? ["pending"] : []),
    ...(input.includeRejected ? REJECTED : []),
  ];
  const side = input.role === "source" ? "target" : input.role === "target" ? "source" : null;
  const none = input.role === "self";
  const where = Prisma.sql`not ${none} and p.state = any(${states}::pairing_state[])
    and (${side}::side is null or p.side = ${side}::side)`;
  const withSelf = input.role === undefined || none;
  const after = readCursor(input.cursor);
  const first = withSelf && !after ? [await selfOf(ctx)] : [];
  const room = input.limit - first.length;
  const [rows, [counted]] = await Promise.all([
    ctx.db.prisma.$queryRaw<SystemRow[]>(
      systemQuery(
        Prisma.sql`
          select p.* from pairing p
          where ${where} and (${RANK}, p.peer_name, p.id) > (${after?.rank ?? 0}::int, ${after?.name ?? ""}, ${after?.id ?? FIRST}::uuid)
          order by ${RANK}, p.peer_name, p.id limit ${room + 1}`,
        ctx.now(),
      ),
    ),
    ctx.db.prisma.$queryRaw<{ total: bigint }[]>`select count(*) as total from pairing p where ${where}`,
  ]);
  const shown = rows.slice(0, room);
  return {
    items: [...first, ...shown.map((row) => toSystem(row, ctx.now()))],
    nextCursor: rows.length > room ? writeCursor(shown.at(-1)) : null,
    total: Number(counted?.total ?? 0) + (withSelf ? 1 : 0),
  };
}

/** Before every pairing: the first page may end behind this core itself. */
const FIRST = "00000000-0000-0000-0000-000000000000";

const writeCursor = (last: SystemRow | undefined): string =>
  Buffer.from(last ? `${last.rank}${last.id}${last.peer_name}` : `0${FIRST}`).toString("base64url");

function readCursor(cursor: string | undefined): { rank: number; id: string; name: string } | null {
  if (cursor === undefined) return null;
  const parts = /^([012])([0-9a-f-]{36})(.*)$/s.exec(Buffer.from(cursor, "base64url").toString("utf8"));
  const [, rank, id, name = ""] = parts ?? [];
  if (!Id.safeParse(id).success || id === undefined)
    throw invalidInput("The cursor is not one that this list gave out.");
  return { rank: Number(rank), id, name };
}

const instant = (at: Date | null) => at?.toISOString() ?? null;
const secondsSince = (at: Date, now: Date) => Math.max(0, Math.floor((now.getTime() - at.getTime()) / 1000));

function toSystem(row: SystemRow, now: Date): System {
  const sessions = {
    total: Number(row.sessions),
    behind: Number(row.behind),
    failing: Number(row.failing),
    paused: Number(row.paused),
  };
  const established = row.state === "established";
  const online = row.last_contact_at !== null && secondsSince(row.last_contact_at, now) <= ONLINE_SECONDS;
  return {
    id: row.id,
    role: row.rank === 1 ? "source" : "target",
    pairingId: row.id,
    coreId: row.peer_core_id,
    name: row.peer_name,
    state: row.state,
    version: row.peer_version,
    protocolVersion: row.peer_protocol,
    address: row.address,
    isOnline: established ? online : null,
    lastContactAt: instant(row.last_contact_at),
    tenant: row.tenant_id && row.tenant_name ? { id: row.tenant_id, name: row.tenant_name } : null,
    storage: row.said_at && {
      usedBytes: Number(row.used_bytes),
      freeBytes: Number(row.free_bytes),
      repositories: Number(row.repositories),
      at: instant(row.said_at),
    },
    agents: Number(row.agents),
    sessions,
    suspendedBy: sessions.total > 0 && sessions.paused === sessions.total ? row.paused_by : null,
    lagSeconds: row.oldest_at && secondsSince(row.oldest_at, now),
    customerId: row.customer_id,
    contactEmail: row.contact_email,
    message: row.message,
    requestedAt: instant(row.requested_at),
    decidedAt: instant(row.decided_at),
  };
}

/** This core, in the same words. */
async function selfOf(ctx: EngineContext): Promise<System> {
  const [core, repositories, [counts]] = await Promise.all([
    findCore(ctx),
    listRepositories(ctx, { limit: REPOSITORIES_MAX }),
    ctx.db.prisma.$queryRaw<Record<"agents" | "total" | "behind" | "failing" | "paused", bigint>[]>`
      select (select count(*) from agent where pairing_id is null and kind = 'machine') as agents, count(*) as total,
        count(*) filter (where coalesce(newest_point_at, created_at) < ${ctx.now()}::timestamptz - make_interval(secs => rpo_seconds)) as behind,
        count(*) filter (where consecutive_failures > 0) as failing, count(*) filter (where state in ('paused', 'pausing')) as paused
      from replication_session where state <> 'ended'`,
  ]);
  const sum = (pick: (one: (typeof repositories.items)[number]) => number) =>
    repositories.items.reduce((total, one) => total + pick(one), 0);
  return {
    id: core.id,
    role: "self",
    pairingId: null,
    coreId: core.id,
    name: core.name,
    state: null,
    version: VERSION,
    protocolVersion: PROTOCOL_VERSION,
    address: ctx.peerUrl ?? null,
    isOnline: true,
    lastContactAt: ctx.now().toISOString(),
    tenant: null,
    storage: {
      usedBytes: sum(({ storedBytes }) => storedBytes),
      freeBytes: sum(({ freeBytes }) => freeBytes),
      repositories: repositories.total,
      at: ctx.now().toISOString(),
    },
    agents: Number(counts?.agents ?? 0),
    sessions: {
      total: Number(counts?.total ?? 0),
      behind: Number(counts?.behind ?? 0),
      failing: Number(counts?.failing ?? 0),
      paused: Number(counts?.paused ?? 0),
    },
    suspendedBy: null,
    lagSeconds: null,
    customerId: "",
    contactEmail: "",
    message: "",
    requestedAt: null,
    decidedAt: null,
  };
}
