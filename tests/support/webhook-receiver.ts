import { createServer as createHttp, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterAll } from "vitest";
import type { Pki } from "./tls-server";

export interface ReceivedHook {
  readonly id: string;
  readonly headers: Record<string, string>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what came is looked at as a test likes
  readonly body: any;
}

export interface WebhookReceiver {
  readonly url: string;
  /** Everything that came, whatever was answered. */
  readonly hooks: ReceivedHook[];
  /** What is answered; nothing: 204. */
  answer: (hook: ReceivedHook, response: ServerResponse, request: IncomingMessage) => void | Promise<void>;
  /** The signed content, checked by the standard's own library. Throws when it was not signed with this secret. */
  verify(hook: ReceivedHook, secret: string): unknown;
}

/** A real receiver of webhooks on loopback, over TLS when it has a certificate, until the test file is done. */
export async function startReceiver(pki?: Pki): Promise<WebhookReceiver> {
  const hooks: ReceivedHook[] = [];
  const accept = async (request: IncomingMessage, response: ServerResponse) => {
    const text = Buffer.concat(await request.toArray()).toString();
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const hook = { id: headers["webhook-id"] ?? "", headers, text, body: text ? JSON.parse(text) : null };
    hooks.push(hook);
    await receiver.answer(hook, response, request);
    if (!response.headersSent && !response.destroyed) response.writeHead(204).end();
  };
  const server = pki ? createHttps(pki.server, accept) : createHttp(accept);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  const receiver: WebhookReceiver = {
    url: `${pki ? "https" : "http"}://127.0.0.1:${port}/hook?token=in-the-path`,
    hooks,
    answer: () => undefined,
    verify: ({ text, headers }, secret) => new Webhook(secret).verify(text, headers),
  };
  return receiver;
}
