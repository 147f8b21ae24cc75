import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withPointRows } from "@/tests/support/point-rows";
import { VeeamWorld } from "./world";

let world: VeeamWorld;
const folder = mkdtempSync(path.join(tmpdir(), "twincore-veeam-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  world = await VeeamWorld.start("vbo");
});

const made = async (name: string) =>
  (
    await world.call("POST", "/v5/BackupRepositories", {
      name,
      path: path.join(folder, name),
      proxyId: randomUUID(),
      retentionType: "ItemLevel",
    })
  ).body;

describe("the token", () => {
  it.each(["v5", "v6"])("of %s is given for a password, lives an hour and says so in ISO dates", async (version) => {
    const { status, body } = await world.signIn("reader", undefined, version);
    expect([status, body.token_type, body.expires_in, body.userName]).toEqual([
      200,
      "bearer",
      3600,
      "reader@example.com",
    ]);
    expect(Date.parse(body[".expires"]) - Date.parse(body[".issued"])).toBe(3600_000);
    expect(body[".issued"]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it("is given to jorge's script, which sends a stray refresh token of two quotes, and to clients without a content type", async () => {
    const form =
      "grant_type=password&username=reader@example.com&password=a%20long%20enough%20password&refresh_token=%27%27";
    expect((await world.send("POST", "/v5/token", form)).status).toBe(200);
    expect((await world.send("POST", "/V5/Token/", form)).status).toBe(200);
  });

  it("is renewed by its refresh token once, and the new one again", async () => {
    const first = (await world.signIn("reader")).body;
    const renew = (refresh_token: string) => world.grant({ grant_type: "refresh_token", refresh_token });
    const second = await renew(first.refresh_token);
    expect(second.status).toBe(200);
    expect(await renew(first.refresh_token)).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    expect((await renew(second.body.refresh_token)).status).toBe(200);
  });

  it.each([
    [{ grant_type: "password", username: "reader@example.com", password: "wrong wrong wrong" }, "invalid_grant"],
    [{ grant_type: "password", username: "nobody@example.com", password: "wrong wrong wrong" }, "invalid_grant"],
    [{ grant_type: "refresh_token", refresh_token: "x" }, "invalid_grant"],
    [{ grant_type: "password", username: "reader@example.com" }, "invalid_request"],
    [
      { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: "x", client_id: "y" },
      "unsupported_grant_type",
    ],
    [{}, "unsupported_grant_type"],
  ] as const)("is refused for %j", async (form, error) => {
    const { status, body } = await world.grant(form);
    expect([status, body.error, typeof body.error_description]).toEqual([400, error, "string"]);
  });

  it("ends after an hour", async () => {
    const { access_token } = (await world.signIn("reader")).body;
    const ask = () => world.send("GET", "/v5/Jobs", undefined, { authorization: `Bearer ${access_token}` });
    expect((await ask()).status).toBe(200);
    world.core.peer.aheadMs += 3600_000;
    const answer = await ask();
    world.core.peer.aheadMs -= 3600_000;
    expect([answer.status, typeof answer.body.message]).toEqual([401, "string"]);
  });
});

describe("backup repositories", () => {
  it("are a plain array of what the PHP and C# clients read, in any letter case, with or without a slash at the end", async () => {
    const { id } = await made("first");
    for (const address of ["/v5/BackupRepositories/", "/v5/backuprepositories", "/V6/BACKUPREPOSITORIES"]) {
      const { status, body } = await world.call("GET", address, undefined, "reader");
      expect([status, body.find((one: { id: string }) => one.id === id)?.name]).toEqual([200, "first"]);
    }
    const { body } = await world.call("GET", `/v5/BackupRepositories/${id.toUpperCase()}`);
    expect(body).toMatchObject({
      id,
      name: "first",
      path: path.join(folder, "first"),
      isOutOfSync: false,
      retentionType: "SnapshotBased",
    });
    expect(body.capacityBytes).toBeGreaterThan(body.freeSpaceBytes);
    expect(body._links.self.href).toBe(`https://core.test:4443/v5/backuprepositories/${id}`);
    expect((await world.call("GET", `/v6/BackupRepositories/${id}`)).body._links.self.href).toBe(
      `/v6/backuprepositories/${id}`,
    );
    expect((await world.call("GET", `/v5/BackupRepositories?proxyId=${body.proxyId}`)).body).toHaveLength(1);
    expect((await world.call("GET", `/v5/BackupRepositories?proxyId=${randomUUID()}`)).body).toEqual([]);
  });

  it("are made, renamed and forgotten; one in use is kept", async () => {
    const { id } = await made("second");
    const renamed = await world.call("PUT", `/v5/BackupRepositories/${id}`, {
      name: "renamed",
      description: "said",
      retentionType: "ItemLevel",
    });
    expect([renamed.status, renamed.body.name, renamed.body.description]).toEqual([200, "renamed", "said"]);
    expect((await world.call("DELETE", `/v5/BackupRepositories/${id}`)).status).toBe(204);
    expect((await world.call("DELETE", `/v5/BackupRepositories/${id}`)).status).toBe(404);
    const used = await withPointRows(world.core.peer, 1);
    const kept = await world.call("DELETE", `/v5/BackupRepositories/${used.repositoryId}`);
    expect([kept.status, kept.body.message]).toEqual([400, expect.stringContaining("in use")]);
  });

  it("refuse what is malformed, taken or not for this role", async () => {
    expect((await world.call("POST", "/v5/BackupRepositories", {})).status).toBe(400);
    expect(
      (await world.call("POST", "/v5/BackupRepositories", { name: "first", path: path.join(folder, "other") })).status,
    ).toBe(400);
    expect((await world.call("POST", "/v5/BackupRepositories", { name: "x" }, "engineer")).status).toBe(403);
    expect((await world.call("GET", "/v5/BackupRepositories/1")).status).toBe(400);
    expect(await world.call("GET", `/v5/BackupRepositories/${randomUUID()}`)).toMatchObject({
      status: 404,
      body: { message: expect.any(String) },
    });
  });

  it("are all in the list, also beyond two thousand", async () => {
    await world.core.peer.db.prisma.repository.createMany({
      data: Array.from({ length: 2_100 }, (_, n) => ({ name: `bulk ${n}`, path: `/nowhere/bulk/${n}` })),
    });
    const { body } = await world.call("GET", "/v5/BackupRepositories");
    expect(body.filter(({ name }: { name: string }) => name.startsWith("bulk"))).toHaveLength(2_100);
    await world.core.peer.db.prisma.repository.deleteMany({ where: { name: { startsWith: "bulk" } } });
  });
});

describe("synchronization", () => {
  it('starts with {"sync": null}, answers the session that goes on when it is asked again, and stops', async () => {
    const { id } = await made("syncing");
    const started = await world.call("POST", `/v5/BackupRepositories/${id}/action`, { sync: null }, "engineer");
    expect(started).toMatchObject({
      status: 200,
      body: { repositoryId: id, state: "Synchronizing", progressPercent: 0 },
    });
    const session = started.body;
    expect(session.id).not.toBe(id);
    expect(session._links).toEqual({
      self: { href: `https://core.test:4443/v5/RepositorySynchronizeSessions/${session.id}` },
      repository: { href: `https://core.test:4443/v5/backuprepositories/${id}` },
    });
    const again = await world.call("POST", `/v5/BackupRepositories/${id}/action`, { sync: {} });
    expect(again.body.id).toBe(session.id);
    const v6 = await world.call("POST", `/v6/BackupRepositories/${id}/Sync`);
    expect([v6.body.id, v6.body._links.self.href]).toEqual([
      session.id,
      `/v6/RepositorySynchronizeSessions/${session.id}`,
    ]);
    expect((await world.call("GET", "/v5/RepositorySynchronizeSessions")).body).toMatchObject([{ id: session.id }]);

    const stopped = await world.call("POST", `/v5/RepositorySynchronizeSessions/${session.id}/action`, { stop: {} });
    expect([stopped.status, stopped.body]).toEqual([200, null]);
    expect((await world.call("GET", `/v5/RepositorySynchronizeSessions/${session.id}`)).body.state).toBe("None");
    expect(
      (await world.call("POST", `/v5/RepositorySynchronizeSessions/${session.id}/action`, { stop: null })).status,
    ).toBe(200);
    expect((await world.call("POST", `/v6/RepositorySynchronizeSessions/${session.id}/StopSynchronize`)).status).toBe(
      200,
    );
  });

  it("refuses what it does not know, and readers", async () => {
    const { id } = await made("still");
    for (const body of [{}, { stop: null }, { sync: null, stop: null }, "", "null", "[]"])
      expect([body, (await world.call("POST", `/v5/BackupRepositories/${id}/action`, body)).status]).toEqual([
        body,
        400,
      ]);
    expect((await world.call("POST", `/v5/BackupRepositories/${id}/action`, { sync: null }, "reader")).status).toBe(
      403,
    );
    for (const address of [
      `BackupRepositories/${randomUUID()}/action`,
      `RepositorySynchronizeSessions/${randomUUID()}/action`,
    ])
      expect(
        (await world.call("POST", `/v5/${address}`, address.startsWith("B") ? { sync: null } : { stop: {} })).status,
      ).toBe(404);
  });
});

describe("the collections that scripts read", () => {
  it("answer what this core knows, and are empty where there is nothing", async () => {
    const { prisma } = world.core.peer.db;
    const core = await prisma.core.findFirstOrThrow();
    const get = async (address: string) => (await world.call("GET", `/v5/${address}`, undefined, "reader")).body;
    expect(await get("ServiceInstance")).toMatchObject({ installationId: core.id });
    expect(await get("Proxies/")).toMatchObject([{ id: core.id, hostName: "vbo", status: "Online" }]);
    expect(await get(`Proxies/${core.id}`)).toMatchObject({ id: core.id });
    const [organization] = await get("Organizations");
    expect(organization).toMatchObject({ name: "Home" });
    expect(await get(`Organizations/${organization.id}/LicensingInformation`)).toMatchObject({
      licensedUsers: 0,
      newUsers: 0,
    });
    expect(await get("LicensedUsers?limit=100000".replace("100000", "10000"))).toMatchObject({
      offset: 0,
      limit: 10_000,
      results: [],
    });
    expect(await get("objectstoragerepositories")).toEqual([]);
    expect((await world.call("GET", `/v5/objectstoragerepositories/${randomUUID()}`)).status).toBe(404);
    expect((await world.call("GET", `/v5/Proxies/${randomUUID()}`)).status).toBe(404);
    expect((await world.call("GET", `/v5/Organizations/${randomUUID()}/LicensingInformation`)).status).toBe(404);
  });

  it("page job sessions over thousands by the links that they give", async () => {
    const { agentId } = await withPointRows(world.core.peer, 1, { name: "busy" });
    await world.core.peer.db.prisma.$executeRaw`
      insert into task (id, kind, state, agent_id, created_at, updated_at, ended_at)
      select gen_random_uuid(), 'capture', 'succeeded', ${agentId}::uuid, now() - n * interval '1 minute', now(), now()
      from generate_series(1, 2050) as n`;
    const jobs = (await world.call("GET", "/v5/Jobs")).body;
    expect(jobs.find(({ id }: { id: string }) => id === agentId)).toMatchObject({ name: "busy", isEnabled: true });
    const seen = new Set<string>();
    let address: string | undefined = `/v5/Jobs/${agentId}/JobSessions?limit=500`;
    for (let pages = 0; address && pages < 10; pages++) {
      const { body }: { body: { results: { id: string; status: string }[]; _links: { next?: { href: string } } } } =
        await world.call("GET", address);
      for (const { id, status } of body.results) {
        expect(status).toBe("Success");
        seen.add(id);
      }
      address = body._links.next?.href.replace("https://core.test:4443", "");
    }
    expect(seen.size).toBe(2_050);
    const large = (await world.call("GET", `/v6/Jobs/${agentId}/jobsessions?limit=10000`)).body;
    expect([large.limit, large.results.length, large._links.next.href]).toEqual([
      1000,
      1000,
      `/v6/jobs/${agentId}/jobsessions?limit=1000&offset=1000`,
    ]);
    expect((await world.call("GET", "/v5/RestoreSessions")).body).toMatchObject({ offset: 0, limit: 30, results: [] });
    expect((await world.call("GET", "/v5/RestoreSessions?limit=0")).status).toBe(400);
    expect((await world.call("GET", `/v5/Jobs/${randomUUID()}/JobSessions`)).status).toBe(404);
  });
});
