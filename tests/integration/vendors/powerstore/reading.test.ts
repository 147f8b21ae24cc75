import { beforeAll, describe, expect, it } from "vitest";
import { powerstore } from "@/lib/vendors/powerstore";
import { VendorCore } from "../../../support/vendor-core";
import { basic, errorOf, StoreClient, toAnswer } from "./client";

const MANY = 2_345;
let core: VendorCore;
let client: StoreClient;
const ids = { pairing: "", rule: "", policy: "", group: "", volume: "", single: "", session: "" };

beforeAll(async () => {
  core = await VendorCore.start("Vault", [powerstore]);
  client = await StoreClient.signIn(core);
  const { prisma } = core.peer.db;
  const tenant = await prisma.tenant.findUniqueOrThrow({ where: { name: "Home" } });
  const repository = await prisma.repository.create({ data: { name: "main", path: "/nowhere/powerstore" } });
  const pairing = await prisma.pairing.create({
    data: {
      side: "source",
      state: "established",
      peerName: "RS1",
      peerUrl: "https://192.0.2.44:8006",
      requestKeyDigest: Buffer.alloc(32),
      verificationCode: "0",
    },
  });
  const rule = await prisma.replicationRule.create({
    data: { name: "quarterly", pairingId: pairing.id, rpoSeconds: 900, alertThresholdMinutes: 15 },
  });
  const policy = await prisma.policy.create({
    data: { name: "Gold", replicationRules: { create: [{ replicationRuleId: rule.id }] } },
  });
  const place = { tenantId: tenant.id, repositoryId: repository.id, hostName: "h" };
  const group = await prisma.agent.create({
    data: { ...place, name: "App Group", policyId: policy.id, volumes: { create: [{ name: "data", kind: "stream" }] } },
    include: { volumes: true },
  });
  const single = await prisma.agent.create({
    data: { ...place, name: "alone", isSingleVolume: true, volumes: { create: [{ name: "alone", kind: "stream" }] } },
    include: { volumes: true },
  });
  const [session] = await prisma.replicationSession.createManyAndReturn({
    data: [
      {
        side: "source",
        agentId: group.id,
        pairingId: pairing.id,
        replicationRuleId: rule.id,
        policyId: policy.id,
        state: "ok",
      },
      { side: "source", agentId: single.id, pairingId: pairing.id, state: "paused" },
    ],
  });
  await prisma.agent.createMany({
    data: Array.from({ length: MANY }, (_, i) => ({ ...place, name: `vg ${String(i).padStart(5, "0")}` })),
  });
  Object.assign(ids, {
    pairing: pairing.id,
    rule: rule.id,
    policy: policy.id,
    group: group.id,
    volume: group.volumes[0]?.id,
    single: single.volumes[0]?.id,
    session: session?.id,
  });
});

describe("signing in", () => {
  it("answers a list of one, a cookie and a token", async () => {
    const answer = await toAnswer(await core.call("/api/rest/login_session", { headers: basic("engineer") }));
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual([
      {
        id: expect.any(String),
        user: "engineer@example.com",
        role_ids: ["2"],
        idle_timeout: 3600,
        is_password_change_required: false,
        is_built_in_user: false,
      },
    ]);
    expect(answer.headers.get("DELL-EMC-TOKEN")).toMatch(/^[\w-]{20,}$/);
    expect(answer.headers.get("set-cookie")).toMatch(/^auth_cookie=[\w-]{20,}; Path=\/; Secure; HttpOnly/);
  });

  it("is told who it is by its cookie, whatever filters it sends along", async () => {
    const { status, body } = await client.get("login_session?limit=0&state=inv.x");
    expect([status, body[0].user]).toEqual([200, "administrator@example.com"]);
  });

  it("is refused with 401 and a JSON body for wrong, malformed and missing credentials", async () => {
    for (const headers of [
      basic("engineer", "wrong"),
      basic("nobody"),
      { authorization: "Basic ???" },
      { authorization: "Bearer x" },
      {},
    ] as Record<string, string>[])
      for (const path of ["/api/rest/login_session", "/api/rest/volume"]) {
        const answer = await toAnswer(await core.call(path, { headers }));
        expect(errorOf(answer)).toEqual([401, "0xE09040060001", "Error"]);
        expect(answer.headers.get("www-authenticate")).toContain("Basic");
      }
  });

  it("reads with the cookie alone, changes with cookie and token, and is told 403 to sign in again otherwise", async () => {
    const { cookie = "" } = client.credentials;
    const send = (method: string, path: string, headers: Record<string, string>) =>
      core.call(`/api/rest/${path}`, { method, headers }).then(toAnswer);
    expect((await send("GET", "cluster", { cookie })).status).toBe(200);
    const other = await StoreClient.signIn(core, "engineer");
    for (const token of ["", other.credentials["DELL-EMC-TOKEN"] ?? ""])
      expect(errorOf(await send("POST", "logout", { cookie, "DELL-EMC-TOKEN": token }))).toEqual([
        403,
        "0xE09040060002",
        "Error",
      ]);
    expect((await send("GET", "cluster", { cookie: "auth_cookie=stale" })).status).toBe(403);
    // gopowerstore: all three on every call.
    expect((await send("POST", "logout", { ...other.credentials, ...basic("engineer") })).status).toBe(204);
    expect((await send("GET", "cluster", other.credentials)).status).toBe(403);
    expect((await send("GET", "cluster", { ...other.credentials, ...basic("engineer") })).status).toBe(200);
  });

  it("takes Basic alone on any call, and a whole Set-Cookie line in the place of the cookie", async () => {
    expect((await core.call("/api/rest/cluster", { headers: basic("reader") })).status).toBe(200);
    const cookie = `${client.credentials.cookie}; Path=/; Secure; HttpOnly`;
    expect((await core.call("/api/rest/cluster", { headers: { cookie } })).status).toBe(200);
  });

  it("ends with the sign-out", async () => {
    const leaving = await StoreClient.signIn(core, "reader");
    expect((await leaving.post("logout")).status).toBe(204);
    expect((await leaving.get("cluster")).status).toBe(403);
  });
});

describe("what a client asks first", () => {
  it("finds one cluster, whose id is 0, and a release with dotted numbers", async () => {
    expect((await client.get("cluster?select=*")).body).toMatchObject([
      { id: "0", name: "Vault", state: "Configured", management_address: "core.test" },
    ]);
    expect((await client.get("cluster/0?select=id,name")).body).toEqual({ id: "0", name: "Vault" });
    const { body } = await client.get("software_installed?select=id,is_cluster,release_version");
    expect(body).toEqual([{ id: "1", is_cluster: true, release_version: "4.0.0.0" }]);
    expect((await client.get("host_volume_mapping?volume_id=eq.x&select=id,%20host_id")).body).toEqual([]);
    expect((await client.get("replication_group")).body).toEqual([]);
  });
});

describe("a list", () => {
  it("is only ids when nothing is selected", async () => {
    expect((await client.get("replication_rule")).body).toEqual([{ id: ids.rule }]);
  });

  it("finds one remote system by its address, by its name in any letter case, and fails on an unknown operator", async () => {
    for (const filter of [
      "management_address=eq.192.0.2.44",
      "name=eq.rs1",
      "name=ilike.*S1",
      "capabilities=cs.{Asynchronous_Block_Replication}",
    ])
      expect((await client.get(`remote_system?select=id,name,state&${filter}`)).body).toEqual([
        { id: ids.pairing, name: "RS1", state: "OK" },
      ]);
    expect(errorOf(await client.get("remote_system?management_address=inv.192.0.2.44"))).toEqual([
      400,
      "0xE04040020002",
      "Error",
    ]);
  });

  it("tells 206 and Content-Range when there is more, and 200 when there is not", async () => {
    const first = await client.get("volume_group?name=ilike.vg*&select=id,name&order=name");
    expect([first.status, first.headers.get("content-range"), first.body.length]).toEqual([206, `0-99/${MANY}`, 100]);
    expect(first.body[0].name).toBe("vg 00000");
    const all = await client.get("volume_group?name=eq.vg%2000007");
    expect([all.status, all.headers.get("content-range")]).toEqual([200, null]);
    const most = await client.get("volume_group?name=ilike.vg*&limit=5000");
    expect([most.status, most.body.length]).toEqual([206, 2000]);
    const last = await client.get(`volume_group?name=ilike.vg*&offset=${MANY - 1}`);
    expect([last.status, last.headers.get("content-range")]).toEqual([206, `${MANY - 1}-${MANY - 1}/${MANY}`]);
  });

  it("is walked by gopowerstore's pages of a thousand", async () => {
    const seen = new Set<string>();
    for (let offset = 0, total = 1; offset < total; offset += 1000) {
      const page = await client.get(`volume_group?limit=1000&offset=${offset}&order=name&name=ilike.vg%25`);
      total = Number(page.headers.get("content-range")?.split("/")[1] ?? 0);
      for (const { id } of page.body) seen.add(id);
    }
    expect(seen.size).toBe(MANY);
  });

  it("is walked by PyPowerStore's ranges, no row twice", async () => {
    const path = "volume_group?name=ilike.vg*";
    const first = await client.get(path);
    const total = Number(first.headers.get("content-range")?.split("/")[1]);
    const seen = first.body.map(({ id }: { id: string }) => id);
    for (let from = 100; from < total; from += 2000) {
      const page = await client.get(path, { range: `${from}-${from + 2000}` });
      expect([200, 206]).toContain(page.status);
      seen.push(...page.body.map(({ id }: { id: string }) => id));
    }
    expect([seen.length, new Set(seen).size]).toEqual([MANY, MANY]);
  });

  it("answers 416 for ranges that cannot be, and 400 for what it does not understand", async () => {
    for (const query of ["limit=0", "limit=-5", "offset=999999", "offset=-1"])
      expect((await client.get(`volume_group?${query}`)).status).toBe(416);
    for (const query of [
      "limit=x",
      "flux=eq.1",
      "state",
      "order=flux",
      "select=a(b",
      "and=(a)",
      "id=in.(a",
      "creation_timestamp=gt.yesterday",
    ])
      expect(errorOf(await client.get(`volume_group?${query}`))).toEqual([400, expect.any(String), "Error"]);
    expect((await client.get("volume_group?name=eq.'%20or%201=1;--")).body).toEqual([]);
  });

  it("nests what is related, as the selects of both Dell clients ask", async () => {
    const groups = await client.get(
      "volume_group?name=eq.app%20group&select=*,volumes(*),protection_policy(*),protection_data,location_history,migration_session(*),volume.volume_group_membership(id,name)",
    );
    expect(groups.body).toMatchObject([
      {
        id: ids.group,
        protection_policy_id: ids.policy,
        protection_policy: { id: ids.policy, name: "Gold", type: "Protection" },
        volumes: [{ id: ids.volume, name: "data", size: 0, protection_policy_id: null }],
        migration_session: null,
      },
    ]);
    const policies = await client.get(
      "policy?name=eq.gold&type=eq.Protection&select=*,replication_rules(*),snapshot_rules(*),virtual_machines(*),volumes(*),volume_groups(*)",
    );
    expect(policies.body).toMatchObject([
      {
        replication_rules: [{ id: ids.rule, rpo: "Fifteen_Minutes" }],
        volume_groups: [{ id: ids.group }],
        snapshot_rules: [],
      },
    ]);
    const rules = await client.get(
      "replication_rule?name=eq.QUARTERLY&select=id,name,rpo,remote_system_id,is_replica,alert_threshold,policies(id,name),policies",
    );
    expect(rules.body).toEqual([
      {
        id: ids.rule,
        name: "quarterly",
        rpo: "Fifteen_Minutes",
        remote_system_id: ids.pairing,
        is_replica: false,
        alert_threshold: 15,
        policies: [{ id: ids.policy, name: "Gold" }],
      },
    ]);
    expect((await client.get(`volume/${ids.volume}?select=volume_groups(id,name,protection_policy_id)`)).body).toEqual({
      volume_groups: [{ id: ids.group, name: "App Group", protection_policy_id: ids.policy }],
    });
  });

  it("finds a session by its local resource, which is the group, or the volume that is in none", async () => {
    const select =
      "select=id,state,role,resource_type,local_resource_id,remote_resource_id,remote_system_id,type,storage_element_pairs";
    const ofGroup = await client.get(`replication_session?local_resource_id=eq.${ids.group}&${select}`);
    expect(ofGroup.body).toEqual([
      {
        id: ids.session,
        state: "OK",
        role: "Source",
        resource_type: "volume_group",
        local_resource_id: ids.group,
        remote_resource_id: ids.group,
        remote_system_id: ids.pairing,
        type: "Asynchronous",
        storage_element_pairs: [
          {
            local_storage_element_id: ids.volume,
            remote_storage_element_id: ids.volume,
            storage_element_type: "volume",
            replication_shadow_id: null,
          },
        ],
      },
    ]);
    const ofVolume = await client.get(`replication_session?resource_type=eq.volume&${select},volumes(name)`);
    expect(ofVolume.body).toMatchObject([
      { local_resource_id: ids.single, state: "Paused", volumes: [{ name: "alone" }] },
    ]);
    expect(
      (await client.get("replication_session?or=(state.eq.Paused,and(role.eq.Destination,state.eq.OK))")).body,
    ).toHaveLength(1);
    expect((await client.get("replication_session?state=not.in.(OK,Paused)")).body).toEqual([]);
  });
});

describe("one resource", () => {
  it("is found by id and by name, with any slash at the end", async () => {
    for (const path of [`policy/${ids.policy}`, "policy/name:gold", "policy/name%3AGold", `policy/${ids.policy}/`])
      expect((await client.get(`${path}?select=name`)).body).toEqual({ name: "Gold" });
  });

  it("is told 404 with the code of its kind when it is unknown, malformed, or another kind's", async () => {
    const codes: Record<string, string> = {
      volume: "0xE0A07001000C",
      volume_group: "0xE0A08001000E",
      policy: "0xE0A090010001",
      snapshot_rule: "0xE0203001000B",
      replication_session: "0xE04040020009",
      remote_system: "0xE04040020009",
      job: "0xE04040020009",
      cluster: "0xE04040020009",
    };
    for (const [resource, code] of Object.entries(codes))
      for (const id of [ids.rule, "nothing", "'--", "x".repeat(200)])
        expect(errorOf(await client.get(`${resource}/${encodeURIComponent(id)}`))).toEqual([404, code, "Error"]);
  });

  it("is not there at another address or by another method", async () => {
    expect((await client.get("nas_server")).status).toBe(404);
    expect((await client.get("Volume")).status).toBe(404);
    expect((await client.post("replication_session", {})).status).toBe(405);
    expect((await client.delete(`replication_session/${ids.session}`)).status).toBe(405);
  });
});
