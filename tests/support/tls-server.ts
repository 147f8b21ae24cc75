import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { onTestFinished } from "vitest";
import { importPrivateKey, issueLeaf, makeAuthority, makeKeyPair, x509 } from "@/lib/engine/trust/x509";

export interface Pki {
  ca: string;
  server: { key: string; cert: string };
  client: { key: string; cert: string };
}

/** A CA with a server and a client certificate, made by our own code. */
export async function makePki(now = new Date(), hosts: readonly string[] = ["elsewhere.example"]): Promise<Pki> {
  const authority = await makeAuthority("Test CA", now);
  const signer = {
    certificate: new x509.X509Certificate(authority.pem),
    key: await importPrivateKey(authority.privatePem),
  };
  const leaf = async (use: "server" | "client") => {
    const { keys, privatePem } = await makeKeyPair();
    const certificate = await issueLeaf({
      signer,
      publicKey: keys.publicKey,
      name: use,
      use,
      hosts,
      now,
    });
    return { key: privatePem, cert: `${certificate.toString("pem")}\n${authority.pem}` };
  };
  return { ca: authority.pem, server: await leaf("server"), client: await leaf("client") };
}

/** A bare TLS server that answers as the test says; closed when the test is done. */
export async function tlsServer(pki: Pki, answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const options = { ...pki.server, requestCert: true, rejectUnauthorized: false, minVersion: "TLSv1.3" } as const;
  const server = createServer(options, answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return { server, url: `https://127.0.0.1:${typeof address === "object" && address ? address.port : 0}` };
}
