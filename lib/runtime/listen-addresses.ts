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

/** Checks both listeners' addresses before anything is started, and settles the ports that may be any. */
export async function settleAddresses(settings: Settings): Promise<{ web: ListenAddress; peer: ListenAddress }> {
  const { webHost, webPort, peerHost, peerPort, peerUrl, roles } = settings;
  const web = await settle("WEB", webHost, webPort, roles.includes("web"));
  const peer = await settle("PEER", peerHost, peerPort, roles.includes("peer"));
  if (web.port !== 0 && web.port === peer.port && web.host === peer.host)
    throw new TwincoreError(
      "invalid_input",
      `TWINCORE_WEB_PORT and TWINCORE_PEER_PORT are both ${web.port}. Choose two different ports.`,
    );
  return { web, peer: { ...peer, url: peerUrl ?? peer.url } };
}

async function settle(kind: "WEB" | "PEER", host: string, wanted: number, here: boolean): Promise<ListenAddress> {
  const problem = here && wanted !== 0 ? await probePort(host, wanted) : null;
  if (problem !== null) throw new TwincoreError("invalid_input", explain(kind, host, wanted, problem));
  const port = here && wanted === 0 ? await freePortOn(kind, host) : wanted;
  return { host, port, url: `https://${reachable(host)}:${port}` };
}

async function freePortOn(kind: "WEB" | "PEER", host: string): Promise<number> {
  return freePort(host).catch((cause: unknown) => {
    throw new TwincoreError("invalid_input", explain(kind, host, 0, "EADDRNOTAVAIL"), { cause });
  });
}

function explain(kind: "WEB" | "PEER", host: string, port: number, problem: string): string {
  const variable = `TWINCORE_${kind}_PORT`;
  const flag = `--${kind.toLowerCase()}-port`;
  switch (problem) {
    case "EADDRINUSE":
      return `${variable} is ${port}, and another program already listens on ${host}:${port}. Stop it, or choose another port with ${flag} (0 takes any free one).`;
    case "EACCES":
      return `${variable} is ${port}, which this account may not listen on. Choose a port above 1023 with ${flag}.`;
    default:
      return `TWINCORE_${kind}_HOST is "${host}", which is no address of this machine (${problem}). Choose 127.0.0.1, 0.0.0.0 or one of its own addresses.`;
  }
}

function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return hostname();
  return host.includes(":") ? `[${host}]` : host;
}

/** Every name and address the listeners' certificate must carry. */
export function hostNames(addresses: { web: ListenAddress; peer: ListenAddress }): string[] {
  const urls = [addresses.web.url, addresses.peer.url].map((url) => new URL(url).hostname.replace(/^\[|\]$/g, ""));
  const listened = [addresses.web.host, addresses.peer.host].filter((host) => host !== "0.0.0.0" && host !== "::");
  return [...new Set(["localhost", "127.0.0.1", "::1", hostname(), ...urls, ...listened])];
}
