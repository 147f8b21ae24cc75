import { mkdtempSync, rmSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adminContract } from "@/lib/admin/contract";
import { CoreUnderTest } from "../support/core-under-test";

const folder = mkdtempSync(path.join(tmpdir(), "twincore-powerstore-"));
let core: CoreUnderTest;

beforeAll(async () => {
  core = await CoreUnderTest.start("vault", folder);
  await core.call(adminContract.createRepository, { name: "main", path: path.join(core.home, "repository") });
});

afterAll(async () => {
  await core?.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  // biome-ignore lint/suspicious/noExplicitAny: a client of this API knows the shape of what it asked for.
  body: any;
}

/** One request on a connection of its own, as `requests` makes them, with the core's own CA trusted. */
function ask(method: string, target: string, headers: Record<string, string>, text?: string): Promise<Answer> {
  const { vendorUrl, caPem } = core.runtime;
  return new Promise((resolve, reject) => {
    const request = https.request(new URL(`/api/rest/${target}`, vendorUrl ?? ""), {
      method,
      headers,
      ca: caPem,
      agent: false,
    });
    request.on("error", reject).on("response", (response) => {
      const parts: Buffer[] = [];
      response
        .on("data", (part: Buffer) => parts.push(part))
        .on("end", () => {
          const body = Buffer.concat(parts).toString();
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: body === "" ? null : JSON.parse(body),
          });
        });
    });
    request.end(text);
  });
}

const basic = () => ({
  authorization: `Basic ${Buffer.from(`${core.account.email}:${core.account.password}`).toString("base64")}`,
});

describe("the PowerStore door of a running core, over TLS", () => {
  it("serves a client from its sign-in to its sign-out", async () => {
    const login = await ask("GET", "login_session", { ...basic(), "content-type": "application/json" });
    expect([login.status, login.body[0].user]).toEqual([200, core.account.email]);
    const [cookie = ""] = login.headers["set-cookie"] ?? [];
    const json = {
      cookie,
      "dell-emc-token": String(login.headers["dell-emc-token"]),
      "content-type": "application/json",
    };

    const made = await ask("POST", "volume_group/", json, JSON.stringify({ name: "over TLS" }));
    expect(made.status).toBe(201);
    const volume = { name: "disk", size: 1_048_576, volume_group_id: "name:over tls" };
    expect((await ask("POST", "volume", json, JSON.stringify(volume))).status).toBe(201);
    const seen = await ask(
      "GET",
      `volume_group/${made.body.id}?select=name, volumes(name,size)`.replaceAll(" ", "%20"),
      { cookie },
    );
    expect(seen.body).toEqual({ name: "over TLS", volumes: [{ name: "disk", size: 1_048_576 }] });
    for (let i = 0; i < 3; i++) await ask("POST", "volume_group", json, JSON.stringify({ name: `group ${i}` }));
    const part = await ask("GET", "volume_group?order=name", { cookie, range: "1-2" });
    expect([part.status, part.headers["content-range"], part.body.length]).toEqual([206, "1-2/4", 2]);

    expect((await ask("POST", "replication_session/nothing/sync", { ...json, "content-length": "0" })).status).toBe(
      404,
    );
    expect((await ask("POST", "volume_group", { cookie }, "{}")).status).toBe(403);
    expect((await ask("DELETE", `volume_group/${made.body.id}?is_async=true`, { ...basic(), ...json })).status).toBe(
      202,
    );
    const out = await ask("POST", "logout", { ...json, "content-length": "0" });
    expect([out.status, out.body]).toEqual([204, null]);
    expect((await ask("GET", "cluster", { cookie })).status).toBe(403);
    expect((await ask("GET", "cluster", {})).status).toBe(401);
  });
});
