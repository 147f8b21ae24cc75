import { mkdtempSync, rmSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { adminContract } from "@/lib/admin/contract";
import { sdkHeaders } from "../integration/cbr/world";
import { CoreUnderTest } from "../support/core-under-test";

// What only a real listener can show: that TLS, addresses, hosts and bodies reach the doors as clients wrote them.
let core: CoreUnderTest;
const folder = mkdtempSync(path.join(tmpdir(), "twincore-doors-"));
beforeAll(async () => {
  core = await CoreUnderTest.start("doors", folder);
});
afterAll(async () => {
  await core.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  status: number;
  headers: Record<string, unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: what a client of these APIs sees is what is looked at, whatever its shape.
  body: any;
}

/** One request over TLS; the address goes out as it is written here. */
function ask(method: string, address: string, headers: Record<string, string> = {}, body = ""): Promise<Answer> {
  const { vendorUrl, caPem } = core.runtime;
  const { hostname, port } = new URL(vendorUrl ?? "");
  const options = {
    method,
    hostname,
    port,
    path: address,
    ca: caPem,
    headers: { ...headers, "content-length": Buffer.byteLength(body) },
  };
  return new Promise((resolve, reject) => {
    const request = https.request(options, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
      });
      answer.on("end", () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: text === "" ? null : JSON.parse(text),
        }),
      );
    });
    request.on("error", reject).end(body);
  });
}

it("CBR: a token, its project, a list, and a request that is signed with an access key, query and body included", async () => {
  const { email, password } = core.account;
  const auth = {
    identity: { methods: ["password"], password: { user: { name: email, password } } },
    scope: { project: { name: "Home" } },
  };
  const signedIn = await ask(
    "POST",
    "/v3/auth/tokens",
    { "content-type": "application/json" },
    JSON.stringify({ auth }),
  );
  expect(signedIn.status).toBe(201);
  const project: string = signedIn.body.token.project.id;
  const token = String(signedIn.headers["x-subject-token"]);
  const made = await ask(
    "POST",
    `/v3/${project}/vaults`,
    { "x-auth-token": token },
    JSON.stringify({
      vault: {
        name: "over-tls",
        resources: [],
        billing: { protect_type: "backup", object_type: "server", size: 10, consistent_level: "crash_consistent" },
      },
    }),
  );
  expect([made.status, made.body.vault?.name]).toEqual([200, "over-tls"]);
  expect(await ask("GET", "/")).toMatchObject({ status: 300, body: { versions: [{ id: "v3" }] } });

  const key = await core.call(adminContract.createAccessKey, { name: "sdk" });
  const host = new URL(core.runtime.vendorUrl ?? "").host;
  const common = { host, projectId: project, date: new Date() };
  const list = {
    method: "GET",
    path: `/v3/${project}/vaults`,
    query: { name: "over-tls", limit: "10", id: made.body.vault.id },
  };
  const found = await ask(
    "GET",
    `${list.path}?limit=10&name=over-tls&id=${made.body.vault.id}`,
    sdkHeaders(key, { ...list, ...common }),
  );
  expect([found.status, found.body.count]).toEqual([200, 1]);
  const odd = { method: "GET", path: `/v3/${project}/vaults`, query: { name: "a b*'(é)~+/=&" } };
  const quoted = `${odd.path}?name=a%20b%2A%27%28%C3%A9%29~%2B%2F%3D%26`;
  expect(await ask("GET", quoted, sdkHeaders(key, { ...odd, ...common }))).toMatchObject({
    status: 200,
    body: { count: 0 },
  });
  const body = JSON.stringify({ vault: { description: "ünïcödé" } });
  const put = { method: "PUT", path: `/v3/${project}/vaults/${made.body.vault.id}`, body };
  expect(await ask("PUT", put.path, sdkHeaders(key, { ...put, ...common }), body)).toMatchObject({
    status: 200,
    body: { vault: { description: "ünïcödé" } },
  });
  expect((await ask("PUT", put.path, sdkHeaders(key, { ...put, ...common }), `${body} `)).status).toBe(401);
});

it("Veeam: a token by form, collections in any letter case with a slash at the end, and a synchronization polled to its end", async () => {
  const form = new URLSearchParams({
    grant_type: "password",
    username: core.account.email,
    password: core.account.password,
    refresh_token: "''",
  });
  const signedIn = await ask(
    "POST",
    "/v5/token",
    { "content-type": "application/x-www-form-urlencoded" },
    form.toString(),
  );
  expect(signedIn.status).toBe(200);
  const bearer = { authorization: `Bearer ${signedIn.body.access_token}` };
  const [repository] = (await ask("GET", "/v5/BackupRepositories/", bearer)).body;
  expect((await ask("GET", `/V5/backuprepositories/${repository.id}`, bearer)).body.name).toBe("over-tls");
  const started = await ask(
    "POST",
    `/v5/BackupRepositories/${repository.id}/action`,
    { ...bearer, "content-type": "application/json" },
    '{"sync": null}',
  );
  expect(started.status).toBe(200);
  const self = new URL(started.body._links.self.href);
  expect(self.host).toBe(new URL(core.runtime.vendorUrl ?? "").host);
  await expect
    .poll(async () => (await ask("GET", self.pathname, bearer)).body, { timeout: 60_000, interval: 200 })
    .toMatchObject({
      state: "None",
      progressPercent: 100,
    });
});
