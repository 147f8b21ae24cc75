import https from "node:https";
import { expect, it } from "vitest";
import { powerstore } from "@/lib/vendors/powerstore";
import { makePki, tlsServer } from "../../../support/tls-server";
import { VendorCore } from "../../../support/vendor-core";
import { basic } from "./client";

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

it("a client over TLS signs in, sends a body without a length of its own, and signs out, with bare HTTP/1.1", async () => {
  const core = await VendorCore.start("Vault", [powerstore]);
  const pki = await makePki();
  const { url } = await tlsServer(pki, async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const { method = "GET", url: path = "/" } = request;
    const body = method === "GET" ? undefined : Buffer.concat(parts).toString();
    const answer = await core.call(path, { method, headers, body });
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(Buffer.from(await answer.arrayBuffer()));
  });
  const ask = (method: string, path: string, headers: Record<string, string>, text?: string) =>
    new Promise<Answer>((resolve, reject) => {
      const options = { method, headers, ca: pki.ca, agent: false, servername: "elsewhere.example" };
      const sent = https.request(`${url}/api/rest/${path}`, options, (response) => {
        let received = "";
        response.on("data", (part) => (received += part));
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text: received }),
        );
      });
      sent.on("error", reject).end(text);
    });

  const login = await ask("GET", "login_session/", { ...basic("engineer"), "content-type": "application/json" });
  expect(login.status).toBe(200);
  const cookie = String(login.headers["set-cookie"]).split(";")[0] ?? "";
  const credentials = { cookie, "dell-emc-token": String(login.headers["dell-emc-token"]) };
  const rule = JSON.stringify({ name: "daily", interval: "One_Day" });
  const made = await ask("POST", "snapshot_rule", { ...credentials, "transfer-encoding": "chunked" }, rule);
  expect(made.status).toBe(201);
  const listed = await ask("GET", "snapshot_rule?select=name,interval&name=ilike.*AIL*", { cookie });
  expect(JSON.parse(listed.text)).toEqual([{ name: "daily", interval: "One_Day" }]);
  const empty = { ...credentials, "content-type": "application/json", "content-length": "0" };
  expect((await ask("POST", "replication_session/nothing/sync", empty)).status).toBe(404);
  const out = await ask("POST", "logout", empty);
  expect([out.status, out.text]).toEqual([204, ""]);
  expect((await ask("GET", "cluster", { cookie })).status).toBe(403);
});
