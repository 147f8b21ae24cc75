import "server-only";
import type { IncomingMessage } from "node:http";
import { Agent } from "node:https";
import type { TLSSocket } from "node:tls";
import type { z } from "zod";
import { skewOf, TIME_HEADER } from "@/lib/engine/pairing/clock";
import { TwincoreError } from "@/lib/errors";
import type { CallOptions, PeerClient, PeerClientOptions } from "./client-types";
import { Exchange } from "./exchange";
import { faultOf } from "./faults";
import { type AnyOperation, PEER_PREFIX } from "./operation";
import { toWire } from "./wire";

export type { AnswerOf, CallOptions, PeerClient, PeerClientOptions } from "./client-types";

/** The longest list of this protocol, 10,000 recovery points, is about 5 MiB. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;
const FAULT_BYTES_MAX = 64 * 1024;
const CHAIN_LENGTH_MAX = 4;

/** A client of one peer core: HTTP/1.1 over TLS 1.3 with our certificate, on connections that are kept. Close it when done. */
export function peerClient(options: PeerClientOptions): PeerClient {
  const base = new URL(options.baseUrl);
  const chain: { newest: readonly Buffer[] } = { newest: [] };
  const agent = peerAgent(options, (socket) => {
    chain.newest = chainOf(socket);
  });
  const ask = (row: AnyOperation, input: Record<string, unknown>, body: Body, call: CallOptions = {}) =>
    exchange({
      base,
      agent,
      row,
      input,
      body,
      call,
      clock: { now: options.now ?? (() => new Date()), tell: options.onClock },
    });
  // The rows' types tie input to answer; inside, a row is data and zod has parsed what it gives back.
  return {
    call: (row, input, call) => ask(row, input as Record<string, unknown>, null, call) as never,
    send: (row, input, body, call) => ask(row, input as Record<string, unknown>, body, call) as never,
    receive: (row, input, call) => ask(row, input as Record<string, unknown>, null, call) as never,
    get peerChain() {
      return chain.newest;
    },
    close: () => agent.destroy(),
  };
}

type Body = AsyncIterable<Uint8Array> | null;

function peerAgent({ tls, connectionsMax = 8 }: PeerClientOptions, onConnected: (socket: TLSSocket) => void): Agent {
  const trust =
    tls.ca === "first-contact"
      ? { rejectUnauthorized: false }
      : // The CA is what counts: it signs for one core only, and behind a NAT no certificate names the address that we dial.
        { ca: [tls.ca], rejectUnauthorized: true, checkServerIdentity: () => undefined };
  const agent = new Agent({
    keepAlive: true,
    maxSockets: connectionsMax,
    // A resumed TLS session would not show the chain again.
    maxCachedSessions: 0,
    minVersion: "TLSv1.3",
    key: tls.key,
    cert: tls.cert,
    ...trust,
  });
  const create = agent.createConnection.bind(agent);
  agent.createConnection = (...given: Parameters<typeof create>) => {
    const socket = create(...given);
    // An https.Agent makes nothing but TLS sockets.
    const secure = socket as TLSSocket;
    secure.once("secureConnect", () => onConnected(secure));
    return socket;
  };
  return agent;
}

function chainOf(socket: TLSSocket): Buffer[] {
  const chain: Buffer[] = [];
  let at = socket.getPeerCertificate(true);
  while (at?.raw && chain.length < CHAIN_LENGTH_MAX && !chain.some((der) => der.equals(at.raw))) {
    chain.push(at.raw);
    at = at.issuerCertificate;
  }
  return chain;
}

interface Ask {
  readonly base: URL;
  readonly agent: Agent;
  readonly row: AnyOperation;
  readonly input: Record<string, unknown>;
  readonly body: Body;
  readonly call: CallOptions;
  readonly clock: Clock;
}

interface Clock {
  readonly now: () => Date;
  readonly tell: PeerClientOptions["onClock"];
}

async function exchange(ask: Ask): Promise<unknown> {
  const wire = toWire(ask.row, ask.input, ask.base.pathname.replace(/\/$/, "") + PEER_PREFIX);
  const askedAt = ask.clock.now();
  const attempt = () => new Exchange(ask.base, ask.agent, wire, ask.row.body === "stream", ask.call, ask.clock.now());
  let current = attempt();
  try {
    const response = await current.run(wire.json, ask.body);
    // A body that streams may take minutes: then the middle says nothing.
    if (ask.body === null) compareClocks(ask.clock, response, askedAt);
    return await conclude(ask.row, current, response);
  } catch (thrown) {
    if (!mayRepeat(ask, current, thrown)) throw thrown;
    current = attempt();
    return conclude(ask.row, current, await current.run(wire.json, null));
  }
}

function compareClocks({ now, tell }: Clock, { headers }: IncomingMessage, askedAt: Date): void {
  const said = headers[TIME_HEADER];
  const skewMs = skewOf(typeof said === "string" ? said : null, askedAt, now());
  if (skewMs !== null) tell?.(skewMs);
}

/** A kept connection may have been closed by the other side just before we used it. That is no news about the other core. */
function mayRepeat({ row, body, call }: Ask, used: Exchange, thrown: unknown): boolean {
  if (body !== null || row.idempotent !== true || call.signal?.aborted) return false;
  return used.reusedConnection && thrown instanceof TwincoreError && thrown.options.detail === "ECONNRESET";
}

async function conclude(row: AnyOperation, used: Exchange, response: IncomingMessage): Promise<unknown> {
  const status = response.statusCode ?? 0;
  if (status >= 400 || status < 200 || status >= 300) {
    const text = await textOf(used, response, FAULT_BYTES_MAX).catch(() => "");
    throw faultOf(status, text, response.headers["retry-after"]);
  }
  if (row.answer === "stream") return used.read(response);
  const text = await textOf(used, response, ANSWER_BYTES_MAX);
  if (row.answer === "none" || row.output === null) return undefined;
  return parseAnswer(row, text);
}

async function textOf(used: Exchange, response: IncomingMessage, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of used.read(response)) {
    sizeBytes += chunk.byteLength;
    if (sizeBytes > bytesMax) throw broken(`its answer is larger than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseAnswer(row: AnyOperation, text: string): unknown {
  try {
    // Only called for rows with an output.
    return (row.output as z.ZodType).parse(JSON.parse(text));
  } catch (cause) {
    throw broken(`its answer to ${row.name} is not what the protocol says`, cause);
  }
}

const broken = (what: string, cause?: unknown) =>
  new TwincoreError("unavailable", `The other core does not speak as expected: ${what}.`, { cause });
