import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { VERSION } from "@/lib/engine/core/version";
import { openRepository } from "@/lib/engine/repositories/open";
import { toTwincoreError } from "@/lib/errors";
import type { Pairing } from "@/prisma/generated/client";
import type { AskedAgent } from "./ask";
import { type AddAgentsCheck, AGENTS_PER_PAIRING_MAX } from "./peer-schemas";

/** Repositories are made by hand: some dozens. */
const REPOSITORIES_MAX = 200;
/** More names than these say no more to a person. */
const NAMED_MAX = 5;

export interface CheckedAgent extends AskedAgent {
  /** null: a person chooses one later. */
  readonly repositoryId: string | null;
  readonly quotaBytes: number | null;
}

type Target = Pick<Pairing, "id" | "tenantId" | "peerVersion">;

/** What speaks against adding these agents to the pairing, by name; in the order in which a person would mend it. */
export async function checkAgents(
  ctx: EngineContext,
  pairing: Target,
  agents: readonly CheckedAgent[],
): Promise<AddAgentsCheck[]> {
  const [limit, owner, name, room] = await Promise.all([
    checkLimit(ctx, pairing, agents),
    checkOwner(ctx, pairing, agents),
    checkName(ctx, pairing, agents),
    checkRoom(ctx, agents),
  ]);
  return [
    check("version", versionMismatch(pairing.peerVersion)),
    check("limit", limit),
    check("owner", owner),
    check("name", name),
    ...room,
    check("quota", quotaTooSmall(agents)),
  ];
}

const check = (name: AddAgentsCheck["name"], message: string | null): AddAgentsCheck => ({
  name,
  passed: message === null,
  message: message ?? "",
});

function versionMismatch(peerVersion: string | null): string | null {
  const major = (version: string) => Number.parseInt(version, 10);
  if (peerVersion === null || major(peerVersion) === major(VERSION)) return null;
  return `The source runs version ${peerVersion}, this core ${VERSION}. Bring both to the same major version.`;
}

async function checkLimit(
  ctx: EngineContext,
  pairing: Target,
  agents: readonly CheckedAgent[],
): Promise<string | null> {
  const kept = await ctx.db.prisma.pairingAgent.count({
    where: { pairingId: pairing.id, state: { not: "denied" }, agentId: { notIn: agents.map(({ id }) => id) } },
  });
  if (kept + agents.length <= AGENTS_PER_PAIRING_MAX) return null;
  return `A pairing holds at most ${AGENTS_PER_PAIRING_MAX} agents, taken in or asked for; ${kept} others are there.`;
}

/** Only an administrator of this core is told that somebody else has an agent; who asks by request learns it from the answer. */
async function checkOwner(
  ctx: EngineContext,
  pairing: Target,
  agents: readonly CheckedAgent[],
): Promise<string | null> {
  const demanded = agents.filter(({ repositoryId }) => repositoryId !== null).map(({ id }) => id);
  const known = await ctx.db.prisma.agent.findMany({
    where: { id: { in: agents.map(({ id }) => id) } },
    select: { id: true, name: true, pairingId: true, deletionAskedAt: true, pairing: { select: { state: true } } },
  });
  const leaving = known.filter(({ pairingId, deletionAskedAt }) => pairingId === pairing.id && deletionAskedAt);
  if (leaving.length > 0) return `${named(leaving)}: being deleted here just now. Ask again when that is done.`;
  const foreign = known.filter(
    (agent) => demanded.includes(agent.id) && agent.pairingId !== pairing.id && agent.pairing?.state !== "deleted",
  );
  return foreign.length > 0 ? `${named(foreign)}: of another pairing, or of this core itself.` : null;
}

/** The same machine under another id is most likely one that was set up anew: its history here would not go on. */
async function checkName(ctx: EngineContext, pairing: Target, agents: readonly CheckedAgent[]): Promise<string | null> {
  const clashing = await ctx.db.prisma.$queryRaw<{ name: string }[]>`
    select distinct asked.name from unnest(
      ${agents.map(({ id }) => id)}::uuid[], ${agents.map(({ displayName }) => displayName)}::text[],
      ${agents.map(({ hostName }) => hostName)}::text[]
    ) as asked (id, name, host_name)
    join agent on agent.name = asked.name and agent.host_name = asked.host_name and agent.id <> asked.id
    where agent.pairing_id = ${pairing.id}::uuid and agent.deletion_asked_at is null
    order by asked.name`;
  if (clashing.length === 0) return null;
  return `${named(clashing)}: another agent of this pairing has this name and host. Rename one, or delete the old one here.`;
}

function quotaTooSmall(agents: readonly CheckedAgent[]): string | null {
  const small = agents.filter(({ quotaBytes, size }) => quotaBytes !== null && size > quotaBytes);
  if (small.length === 0) return null;
  return `${named(small.map(({ displayName }) => ({ name: displayName })))}: larger than the quota it would get.`;
}

/** Is there a repository that can be reached, and does what is coming fit, before deduplication? */
async function checkRoom(ctx: EngineContext, agents: readonly CheckedAgent[]): Promise<AddAgentsCheck[]> {
  const wanted = [...new Set(agents.flatMap(({ repositoryId }) => repositoryId ?? []))];
  const rows = await ctx.db.prisma.repository.findMany({
    where: wanted.length > 0 ? { id: { in: wanted } } : {},
    select: { id: true, name: true },
    take: REPOSITORIES_MAX,
  });
  const spaces = await Promise.all(rows.map(async (row) => ({ ...row, freeBytes: await freeBytes(ctx, row.id) })));
  return wanted.length > 0 ? roomWhereWanted(agents, wanted, spaces) : roomAnywhere(agents, spaces);
}

interface Space {
  readonly id: string;
  readonly name: string;
  /** null: it cannot be reached. */
  readonly freeBytes: number | null;
}

function roomAnywhere(agents: readonly CheckedAgent[], spaces: readonly Space[]): AddAgentsCheck[] {
  const most = Math.max(-1, ...spaces.map((space) => space.freeBytes ?? -1));
  const needed = sizeOf(agents);
  return [
    check("repository", most < 0 ? "This core has no repository that can be reached just now." : null),
    check("space", most >= 0 && needed > most ? `No repository has room for ${needed} bytes.` : null),
  ];
}

function roomWhereWanted(
  agents: readonly CheckedAgent[],
  wanted: readonly string[],
  spaces: readonly Space[],
): AddAgentsCheck[] {
  const known = new Map(spaces.map((space) => [space.id, space]));
  const unknown = wanted.filter((id) => !known.has(id));
  const away = spaces.filter(({ freeBytes }) => freeBytes === null);
  const full = spaces.filter(
    ({ id, freeBytes }) => freeBytes !== null && sizeOf(agents.filter((each) => each.repositoryId === id)) > freeBytes,
  );
  const missing = unknown.length > 0 ? `There is no repository ${unknown.slice(0, NAMED_MAX).join(", ")}.` : null;
  return [
    check("repository", missing ?? (away.length > 0 ? `${named(away)}: cannot be reached just now.` : null)),
    check("space", full.length > 0 ? `${named(full)}: less free space than the agents need.` : null),
  ];
}

const sizeOf = (agents: readonly CheckedAgent[]) => agents.reduce((sum, { size }) => sum + size, 0);

async function freeBytes(ctx: EngineContext, id: string): Promise<number | null> {
  try {
    const { storage } = await openRepository(ctx, id);
    return (await storage.space()).freeBytes;
  } catch (error) {
    ctx.log.warn({ repositoryId: id, error: toTwincoreError(error).message }, "a repository cannot be reached");
    return null;
  }
}

function named(things: readonly { name: string }[]): string {
  const names = things.slice(0, NAMED_MAX).map(({ name }) => `"${name}"`);
  return things.length > NAMED_MAX ? `${names.join(", ")} and ${things.length - NAMED_MAX} more` : names.join(", ");
}
