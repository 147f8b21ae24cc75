import { request } from "node:https";
import { loadCredentials } from "@/lib/engine/pairing/credentials";
import { PEER_PREFIX } from "@/lib/peer/operation";
import type { PeerCore } from "./peer-core";

export interface PeerAnswer {
  readonly status: number;
  readonly text: string;
}

interface Asking {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  /** Name and password of an administrator, sent by Basic. */
  readonly basic?: readonly [string, string];
  /** The certificate of this pairing of the source; none when absent. */
  readonly as?: { readonly core: PeerCore; readonly pairingId: string };
}

/** One request as a client of another make sends it: over TLS, with the certificate and the name and password that it is given. */
export async function askPeer(target: PeerCore, path: string, asking: Asking = {}): Promise<PeerAnswer> {
  const tls = asking.as ? await loadCredentials(asking.as.core.ctx(), asking.as.pairingId) : null;
  const headers: Record<string, string> = { "content-type": "application/json", ...asking.headers };
  if (asking.basic) headers.authorization = `Basic ${Buffer.from(asking.basic.join(":")).toString("base64")}`;
  const options = { method: asking.method ?? "GET", headers, key: tls?.key, cert: tls?.cert };
  return new Promise((resolve, reject) => {
    // Which core answers is what other tests look at.
    const sent = request(`${target.url}${PEER_PREFIX}${path}`, { ...options, rejectUnauthorized: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (piece) => {
        text += piece;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text }));
      answer.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(asking.body);
  });
}
