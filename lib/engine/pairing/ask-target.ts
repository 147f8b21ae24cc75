import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { sha256, toFingerprint } from "@/lib/engine/trust";
import { parseCertificate } from "@/lib/engine/trust/x509";
import { invalidInput, TwincoreError } from "@/lib/errors";
import type { AskTargetInput, JoinTargetInput, PairingSummary } from "./schemas";
import { sendPairingRequest } from "./send";
import { demandPairing, probePeer } from "./send-demand";

/** Where a core listens for others unless somebody changed it. */
const PEER_PORT = 8006;
/** Of one request. */
const AGENTS_MAX = 1_000;
const PAIRINGS_MAX = 1_000;

/**
 * Asks another core to take every agent that is captured here. A core that this one has never been paired with is asked only when the
 * caller confirms it: without that nothing is sent. Throws conflict with detail "untrusted", "no-agents" or "pending", unavailable, and
 * what the target refuses with.
 */
export async function askTarget(ctx: EngineContext, input: AskTargetInput): Promise<PairingSummary> {
  const targetUrl = toPeerUrl(input);
  const agentIds = await ownAgents(ctx);
  await assertNotWaiting(ctx, targetUrl);
  if (!input.isConfirmed) await assertTrusted(ctx, targetUrl);
  return sendPairingRequest(ctx, { targetUrl, agentIds, contactEmail: "", customerId: "", comments: "" });
}

/** The same at once, by an enrolment token of the target. The token goes only to the core that made it. Throws what demandPairing throws. */
export async function joinTarget(ctx: EngineContext, input: JoinTargetInput): Promise<PairingSummary> {
  const { port, token } = input;
  const named = new URL(toPeerUrl(input));
  const agentIds = await ownAgents(ctx);
  const targetUrl = `https://${named.hostname}:${port}`;
  return demandPairing(ctx, { targetUrl, agentIds, contactEmail: "", customerId: "", token });
}

async function ownAgents(ctx: EngineContext): Promise<string[]> {
  const agents = await ctx.db.prisma.agent.findMany({
    where: { pairingId: null, deletionAskedAt: null, kind: "machine" },
    orderBy: { id: "asc" },
    select: { id: true },
    take: AGENTS_MAX,
  });
  if (agents.length > 0) return agents.map(({ id }) => id);
  throw refused("no-agents", "This core protects no machine yet, so there is nothing to replicate. Add one first.");
}

/** The peer listener that a person means by a name, an address, or either with a port. Throws invalid_input. */
export function toPeerUrl({ host, address }: Pick<AskTargetInput, "host" | "address">): string {
  const name = address || host;
  const bare = name.includes(":") && name.split(":").length > 2 && !name.startsWith("[") ? `[${name}]` : name;
  try {
    const url = new URL(`https://${bare}`);
    if (url.pathname !== "/" || url.search || url.username || url.hash) throw new Error("more than a host");
    // The default port of https is dropped by URL; who writes it means it.
    const port = /:(\d+)$/.exec(bare.replace(/^\[.*\]/, ""))?.[1] ?? String(PEER_PORT);
    return `https://${url.hostname}:${port}`;
  } catch {
    throw invalidInput(`"${name.slice(0, 100)}" is no name or address of a machine.`);
  }
}

async function assertNotWaiting(ctx: EngineContext, targetUrl: string): Promise<void> {
  const waits = await ctx.db.prisma.pairing.count({
    where: { side: "source", state: "pending", peerUrl: new URL(targetUrl).origin, expiresAt: { gt: ctx.now() } },
  });
  if (waits > 0) throw refused("pending", "A request to that core waits for its answer already.");
}

async function assertTrusted(ctx: EngineContext, targetUrl: string): Promise<void> {
  const { caFingerprint, name } = await probePeer(ctx, { targetUrl });
  const known = await ctx.db.prisma.pairing.findMany({
    where: { side: "source", state: "established", peerCaPem: { not: null } },
    select: { peerCaPem: true },
    take: PAIRINGS_MAX,
  });
  const isKnown = known.some(({ peerCaPem }) => {
    const authority = parseCertificate(peerCaPem ?? "");
    return authority !== null && toFingerprint(sha256(authority.raw)) === caFingerprint;
  });
  if (isKnown) return;
  throw refused(
    "untrusted",
    `This core does not know the certificate of "${name}". Compare its fingerprint ${caFingerprint} with the other core's Settings page, then confirm it.`,
  );
}

const refused = (detail: string, message: string) => new TwincoreError("conflict", message, { detail });
