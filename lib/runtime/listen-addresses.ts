import { hostname } from "node:os";
import { TwincoreError } from "@/lib/errors";
import { freePort, probePort } from "./ports";
import type { Settings } from "./settings";

export interface ListenAddress {
  host: string;
  port: number;
  /** How a person or another core reaches it. */
  url: string;
}

export type ListenerName = "web" | "peer" | "vendor";
export type Addresses = Record<ListenerName, ListenAddress>;

/** Checks the listeners' addresses before anything is started, and settles the ports that may be any. */
export async function settleAddresses(settings: Settings): Promise<Addresses> {
  const { webHost, webPort, peerHost, peerPort, peerUrl, vendorHost, vendorPort, roles } = settings;
  const web = await settle("web", webHost, webPort, roles.includes("web"));
  const peer = await settle("peer", peerHost, peerPort, roles.includes("peer"));
  const vendor = await settle("vendor", vendorHost, vendorPort, roles.includes("vendor"));
  assertDistinct({ web, peer, vendor });
  return { web, peer: { ...peer, url: peerUrl ?? peer.url }, vendor };
}

function assertDistinct(addresses: Addresses): void {
  const taken = new Map<string, string>();
  for (const [name, { host, port }] of Object.entries(addresses)) {
    const variable = `TWINCORE_${name.toUpperCase()}_PORT`;
    const other = port === 0 ? undefined : taken.get(`${host}:${port}`);
    if (other !== undefined)
      throw new TwincoreError("invalid_input", `${other} and ${variable} are both ${port}. Choose different ports.`);
    taken.set(`${host}:${port}`, variable);
  }
}

async function settle(kind: ListenerName, host: string, wanted: number, here: boolean): Promise<ListenAddress> {
  const problem = here && wanted !== 0 ? await probePort(host, wanted) : null;
  if (problem !== null) throw new TwincoreError("invalid_input", explain(kind, host, wanted, problem));
  const port = here && wanted === 0 ? await freePortOn(kind, host) : wanted;
  return { host, port, url: `https://${reachable(host)}:${port}` };
}

async function freePortOn(kind: ListenerName, host: string): Promise<number> {
  return freePort(host).catch((cause: unknown) => {
    throw new TwincoreError("invalid_input", explain(kind, host, 0, "EADDRNOTAVAIL"), { cause });
  });
}

function explain(kind: ListenerName, host: string, port: number, problem: string): string {
  const variable = `TWINCORE_${kind.toUpperCase()}_PORT`;
  const flag = `--${kind}-port`;
  switch (problem) {
    case "EADDRINUSE":
      return `${variable} is ${port}, and another program already listens on ${host}:${port}. Stop it, or choose another port with ${flag} (0 takes any free one).`;
    case "EACCES":
      return `${variable} is ${port}, which this account may not listen on. Choose a port above 1023 with ${flag}.`;
    default:
      return `TWINCORE_${kind.toUpperCase()}_HOST is "${host}", which is no address of this machine (${problem}). Choose 127.0.0.1, 0.0.0.0 or one of its own addresses.`;
  }
}

function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return hostname();
  return host.includes(":") ? `[${host}]` : host;
}

/** Every name and address the listeners' certificate must carry. */
export function hostNames(addresses: Addresses): string[] {
  const all = Object.values(addresses);
  const urls = all.map(({ url }) => new URL(url).hostname.replace(/^\[|\]$/g, ""));
  const listened = all.map(({ host }) => host).filter((host) => host !== "0.0.0.0" && host !== "::");
  return [...new Set(["localhost", "127.0.0.1", "::1", hostname(), ...urls, ...listened])];
}
