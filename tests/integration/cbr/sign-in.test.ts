import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { createAccessKey, deleteAccessKey } from "@/lib/engine/access-keys";
import { createApiToken } from "@/lib/engine/accounts";
import { CbrWorld, sdkHeaders } from "./world";

let world: CbrWorld;
beforeAll(async () => {
  world = await CbrWorld.start("eu-de");
});

const ctxOf = async (role: string) => {
  const email = `${role}@example.com`;
  const { id } = await world.core.peer.db.prisma.account.findUniqueOrThrow({ where: { email } });
  return world.core.peer.ctx({ kind: "account", accountId: id, name: email, role });
};

describe("POST /v3/auth/tokens", () => {
  it("gives out a token in a header, and says where the project's API is", async () => {
    const answer = await world.signIn("reader");
    expect(answer.status).toBe(201);
    const { token } = answer.body;
    expect(token).toMatchObject({
      methods: ["password"],
      user: { name: "reader@example.com" },
      project: { id: world.project, name: "Home" },
    });
    expect(Date.parse(token.expires_at) - Date.parse(token.issued_at)).toBe(24 * 3600_000);
    const endpoint = token.catalog.find(({ type }: { type: string }) => type === "cbr").endpoints[0];
    expect(endpoint).toMatchObject({ interface: "public", url: `https://core.test:4443/v3/${world.project}` });
    const seen = await world.send("GET", `/v3/${world.project}/vaults`, undefined, {
      "x-auth-token": answer.headers.get("x-subject-token") ?? "",
    });
    expect(seen.status).toBe(200);
  });

  it("takes the project by name, and a token in a password's place, which then ends with the first", async () => {
    const byName = await world.signIn("reader", { project: { name: "Home" } });
    expect(byName.body.token.project.id).toBe(world.project);
    const exchanged = await world.send("POST", "/v3/auth/tokens", {
      auth: {
        identity: { methods: ["token"], token: { id: byName.headers.get("x-subject-token") } },
        scope: { project: { id: world.project } },
      },
    });
    expect([exchanged.status, exchanged.body.token.methods]).toEqual([201, ["token"]]);
    expect(Date.parse(exchanged.body.token.expires_at)).toBeLessThanOrEqual(Date.parse(byName.body.token.expires_at));
  });

  it.each([
    ["a wrong password", "reader", undefined, "not the password"],
    ["an unknown user", "nobody", undefined, undefined],
    ["a project that does not exist", "reader", { project: { id: randomUUID() } }, undefined],
    ["a project name that does not exist", "reader", { project: { name: "nowhere" } }, undefined],
  ])("refuses %s in Keystone's words", async (_, role, scope, password) => {
    const answer = await world.signIn(role, scope ?? { project: { id: world.project } }, password);
    expect([answer.status, answer.body.error.code, answer.body.error.title]).toEqual([401, 401, "Unauthorized"]);
    expect(answer.headers.get("x-subject-token")).toBeNull();
  });

  it.each([
    {},
    { auth: { identity: { methods: [] } } },
    { auth: { identity: { methods: ["totp"] } } },
    { auth: { identity: { methods: ["password"] } } },
  ])("refuses the malformed %j", async (body) => {
    expect((await world.send("POST", "/v3/auth/tokens", body)).status).toBe(400);
  });

  it("a token is for one project, and ends when it is told to", async () => {
    const { id: other } = await world.core.peer.db.prisma.tenant.create({ data: { name: "Other customer" } });
    const foreign = await world.send("GET", `/v3/${other}/vaults`, undefined, { "x-auth-token": world.token() });
    expect([foreign.status, foreign.body.error_code]).toEqual([403, "APIGW.0302"]);
    const token = (await world.signIn("reader", undefined)).headers.get("x-subject-token") ?? "";
    const gone = { "x-auth-token": token, "x-subject-token": token };
    expect((await world.send("DELETE", "/v3/auth/tokens", undefined, gone)).status).toBe(204);
    expect((await world.send("GET", `/v3/${world.project}/vaults`, undefined, gone)).status).toBe(401);
  });

  it("a token ends after a day", async () => {
    const token = (await world.signIn("reader")).headers.get("x-subject-token") ?? "";
    world.core.peer.aheadMs += 24 * 3600_000;
    const answer = await world.send("GET", `/v3/${world.project}/vaults`, undefined, { "x-auth-token": token });
    world.core.peer.aheadMs -= 24 * 3600_000;
    expect([answer.status, answer.body]).toMatchObject([
      401,
      { error_code: "APIGW.0301", error_msg: expect.stringContaining("token") },
    ]);
    expect(answer.headers.get("x-request-id")).toMatch(/./);
  });
});

describe("projects", () => {
  it("are ids of tenants, with and without hyphens; an unknown one is not there", async () => {
    const { token } = await createApiToken(await ctxOf("reader"), { name: "cbr", expiresInDays: 1 });
    const ask = (project: string) => world.send("GET", `/v3/${project}/backups`, undefined, { "x-auth-token": token });
    expect((await ask(world.project)).status).toBe(200);
    expect((await ask(world.tenantId)).status).toBe(200);
    expect(await ask(randomUUID())).toMatchObject({ status: 404, body: { error_code: "BackupService.6302" } });
    expect(await ask("home")).toMatchObject({ status: 400, body: { error_code: "BackupService.9900" } });
  });
});

describe("a request that Huawei's SDK signs", () => {
  const signed = async (
    change: Partial<Parameters<typeof sdkHeaders>[1]> = {},
    key?: { id: string; secret: string },
  ) => {
    const path = `/v3/${world.project}/backups`;
    const query = { limit: "10", name: "a b*c" };
    const headers = sdkHeaders(
      key ?? (await createAccessKey(await ctxOf("engineer"), { name: "sdk", expiresInDays: 1 })),
      {
        method: "GET",
        path,
        query,
        projectId: world.project,
        date: world.core.peer.ctx().now(),
        ...change,
      },
    );
    return world.send("GET", `${path}?limit=10&name=a%20b%2Ac`, undefined, headers);
  };

  it("is let in, with a body as well", async () => {
    expect((await signed()).status).toBe(200);
    const key = await createAccessKey(await ctxOf("engineer"), { name: "sdk body", expiresInDays: 1 });
    const body = JSON.stringify({ checkpoint: { vault_id: randomUUID() } });
    const path = `/v3/${world.project}/checkpoints`;
    const headers = sdkHeaders(key, { method: "POST", path, body, projectId: world.project, date: new Date() });
    expect(await world.send("POST", path, body, headers)).toMatchObject({
      status: 404,
      body: { error_code: "BackupService.6105" },
    });
    expect((await world.send("POST", path, `${body} `, headers)).status).toBe(401);
  });

  it("is refused when it is old, not signed with the key's secret, or the key has ended", async () => {
    expect((await signed({ date: new Date(Date.now() - 16 * 60_000) })).status).toBe(401);
    const key = await createAccessKey(await ctxOf("engineer"), { name: "sdk ended", expiresInDays: 1 });
    expect((await signed({}, { ...key, secret: "x" })).status).toBe(401);
    expect((await signed({}, key)).status).toBe(200);
    await deleteAccessKey(await ctxOf("engineer"), { id: key.id });
    expect((await signed({}, key)).status).toBe(401);
    expect((await signed({}, { id: "NOSUCHKEY", secret: "x" })).status).toBe(401);
  });

  it("is for the project that it names", async () => {
    const { id } = await world.core.peer.db.prisma.tenant.create({ data: { name: "Signed elsewhere" } });
    expect((await signed({ projectId: id.replaceAll("-", "") })).status).toBe(403);
  });
});

it("tells its versions to anybody", async () => {
  expect(await world.send("GET", "/")).toMatchObject({
    status: 300,
    body: { versions: [{ id: "v3", status: "CURRENT" }] },
  });
  expect(await world.send("GET", "/v3")).toMatchObject({ status: 200, body: { version: { id: "v3" } } });
});
