import { X509Certificate } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { createServer, type Server } from "node:https";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeAuthority } from "@/lib/engine/trust/x509";
import { stampCertificate, stampRequest } from "@/lib/runtime/listeners/identity-headers";
import { ask } from "@/tests/support/core";

let server: Server;
let url: string;
let mine: { pem: string; privatePem: string };

/** A listener as the peer role has it, whose answers are the headers that the code behind it would see. */
beforeAll(async () => {
  const own = await makeAuthority("listener", new Date());
  mine = await makeAuthority("caller", new Date());
  const tls = { cert: own.pem, key: own.privatePem, requestCert: true, rejectUnauthorized: false };
  server = createServer(tls, (request, response) => {
    stampRequest(request);
    stampCertificate(request);
    response.end(
      JSON.stringify({ headers: request.headers, raw: request.rawHeaders, distinct: request.headersDistinct }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  url = `https://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
});
afterAll(() => server.close());

async function seen(headers: Record<string, string | string[]>, certificate = false) {
  const shown = certificate ? { cert: mine.pem, key: mine.privatePem } : {};
  const { text } = await ask(url, { ...shown, headers });
  return JSON.parse(text) as { headers: IncomingHttpHeaders; raw: string[]; distinct: Record<string, string[]> };
}

test("a caller without a certificate has no identity, whatever it writes into its headers", async () => {
  const { headers, raw, distinct } = await seen({
    "x-twincore-peer-certificate": "Zm9yZ2Vk",
    "X-Twincore-Peer-Certificate": ["Zm9yZ2Vk", "Zm9yZ2Vk"],
    "X-TWINCORE-ANYTHING": "Zm9yZ2Vk",
  });
  expect(headers["x-twincore-peer-certificate"]).toBeUndefined();
  expect(JSON.stringify({ headers, raw, distinct })).not.toContain("Zm9yZ2Vk");
});

test("a caller with a certificate is known by the one its connection proved, whatever it writes into its headers", async () => {
  const { headers } = await seen({ "x-twincore-peer-certificate": "Zm9yZ2Vk" }, true);
  expect(headers["x-twincore-peer-certificate"]).toBe(new X509Certificate(mine.pem).raw.toString("base64"));
});

test("the address, host and protocol are those of the connection, not those a client claims", async () => {
  const { headers, raw } = await seen({
    "x-twincore-client-address": "203.0.113.9",
    "x-forwarded-for": "203.0.113.9",
    "x-forwarded-host": "elsewhere.example",
    "x-forwarded-proto": "http",
    forwarded: "for=203.0.113.9",
  });
  expect(headers).toMatchObject({
    "x-twincore-client-address": "127.0.0.1",
    "x-forwarded-for": "127.0.0.1",
    "x-forwarded-host": new URL(url).host,
    "x-forwarded-proto": "https",
  });
  expect(raw.join()).not.toContain("203.0.113.9");
});

test("other headers arrive as they were sent", async () => {
  const { headers } = await seen({ authorization: "Bearer abc", "x-request-id": "1" });
  expect(headers).toMatchObject({ authorization: "Bearer abc", "x-request-id": "1" });
});
