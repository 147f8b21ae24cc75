import { beforeAll, describe, expect, it } from "vitest";
import { approvePairing, getPairing, listPairings, sendPairingRequest } from "@/lib/engine/pairing";
import { requestTo } from "../../../support/pair";
import { PeerCore, withAgents } from "../../../support/peer-core";
import { VendorCore } from "../../../support/vendor-core";
import { UnitrendsClient } from "./client";

let source: PeerCore;
let core: VendorCore;
let client: UnitrendsClient;
let agentIds: string[];
beforeAll(async () => {
  source = await PeerCore.start("Harbour");
  core = await VendorCore.start("Vault");
  ({ agentIds } = await withAgents(source, ["db", "web"]));
  await withAgents(core.peer, []);
  client = await UnitrendsClient.signIn(core);
});

/** A new request of the source, as the client finds it. */
async function request(): Promise<{ request_id: number; sentId: string; id: string }> {
  const sent = await sendPairingRequest(source.ctx(), requestTo(core.peer.url, agentIds));
  const { items } = await listPairings(core.peer.ctx(), { state: "pending", side: "target", limit: 10 });
  const found = items.find(({ verificationCode }) => verificationCode === sent.verificationCode);
  return { request_id: found?.number ?? 0, sentId: sent.id, id: found?.id ?? "" };
}

const stateOf = async (id: string) => (await getPairing(core.peer.ctx(), { id })).state;

describe("sign-in", () => {
  it("gives a token for the header AuthToken, whatever the content type says", async () => {
    expect(client.token.length).toBeGreaterThan(30);
    expect((await client.get("/api/systems")).status).toBe(200);
  });

  it("refuses a wrong password with 401, and an unknown or ended token with the words that clients look for", async () => {
    const wrong = await UnitrendsClient.anonymous(core).post("/api/login", {
      username: "reader@example.com",
      password: "guess",
    });
    expect(wrong.status).toBe(401);
    const ended = await UnitrendsClient.signIn(core, "engineer");
    expect((await ended.post("/api/logout")).status).toBe(201);
    for (const other of [ended, UnitrendsClient.anonymous(core), UnitrendsClient.anonymous(core, "x")]) {
      const { status, body } = await other.get("/api/replication/pending");
      expect(status).toBe(401);
      expect(body.result[0].message).toMatch(/^Error: Your session has expired or is invalid/);
    }
  });
});

describe("POST /api/replication/source", () => {
  it("rejects with the message that the source then shows, and 201", async () => {
    const { request_id, id, sentId } = await request();
    const answer = await client.post("/api/replication/source/", {
      request_id,
      accept: false,
      message: "Not this one.",
    });
    expect(answer).toEqual({ status: 201, body: { result: [{ code: 0 }] } });
    expect(await stateOf(id)).toBe("denied");
    await source.runPolls();
    expect(await getPairing(source.ctx(), { id: sentId })).toMatchObject({ state: "denied", message: "Not this one." });
  });

  it("takes numbers as texts, and yes and no in their other spellings", async () => {
    const { request_id, id } = await request();
    const answer = await client.post("/API/Replication/Source", {
      request_id: String(request_id),
      accept: "0",
      message: "No.",
    });
    expect(answer.status).toBe(201);
    expect(await stateOf(id)).toBe("denied");
  });

  it("refuses with 500 and says why: no message, nothing of both, unknown request, unknown storage", async () => {
    const { request_id, id } = await request();
    const refused = async (body: unknown, why: RegExp) => {
      const answer = await client.post("/api/replication/source", body);
      expect(answer.status).toBe(500);
      expect(answer.body.result[0]).toMatchObject({ code: 2, message: expect.stringMatching(why) });
    };
    await refused({ request_id, accept: false }, /message is required/);
    await refused({ request_id, accept: false, message: "  " }, /message is required/);
    await refused({ accept: true }, /both required/);
    await refused({ request_id }, /both required/);
    await refused({ request_id: 999_999, accept: true }, /no such request/);
    await refused({ request_id, accept: true, storage_id: 999_999 }, /no such storage/);
    await refused({ request_id: "three", accept: true }, /whole number/i);
    await refused("{", /JSON/);
    expect(await stateOf(id)).toBe("pending");
    await client.post("/api/replication/source", { request_id, accept: false, message: "Cleaned up." });
  });

  it("is for those who may answer requests", async () => {
    const { request_id, id } = await request();
    const body = { request_id, accept: false, message: "No." };
    for (const role of ["engineer", "billing", "reader"])
      expect((await (await UnitrendsClient.signIn(core, role)).post("/api/replication/source", body)).status).toBe(403);
    expect(await stateOf(id)).toBe("pending");
    const approver = await UnitrendsClient.signIn(core, "approver");
    expect((await approver.post("/api/replication/source", body)).status).toBe(201);
  });

  it("answers the very request of the dashboard: of both at once exactly one wins, and a second answer is an error", async () => {
    const { request_id, id } = await request();
    const { items } = await listPairings(core.peer.ctx(), { state: "pending", limit: 10 });
    const repository = await core.peer.db.prisma.repository.findFirstOrThrow();
    const agents = (items.find((each) => each.id === id)?.wantedAgents ?? []).map(({ agentId }) => ({
      agentId,
      repositoryId: repository.id,
      quotaBytes: null,
    }));
    const [byDoor, byDashboard] = await Promise.allSettled([
      client.post("/api/replication/source", { request_id, accept: false, message: "No." }),
      approvePairing(core.peer.ctx(), { id, agents, rateCapBytesPerSecond: null }),
    ]);
    const doorWon = byDoor.status === "fulfilled" && byDoor.value.status === 201;
    expect([doorWon, byDashboard.status === "fulfilled"].filter(Boolean)).toHaveLength(1);
    expect(await stateOf(id)).toBe(doorWon ? "denied" : "established");
    const again = await client.post("/api/replication/source", { request_id, accept: false, message: "No." });
    expect(again.status).toBe(500);
    expect(again.body.result[0].message).toMatch(/answered already/);
  });
});

describe("GET /api/replication/pending and /api/systems", () => {
  it("show a request until it is answered; a rejected one only to who asks for it", async () => {
    const { request_id } = await request();
    const pending = await client.get("/api/replication/pending");
    expect(pending.body.pending).toContainEqual(
      expect.objectContaining({ request_id, host: "Harbour", status: "pending", created: expect.any(String) }),
    );
    const listed = await client.get("/api/systems");
    expect(listed.body.appliance).toContainEqual(
      expect.objectContaining({ id: -request_id, request_id, is_pending: true, role: "Pending Replication Source" }),
    );
    expect((await client.get(`/api/systems?sid=${-request_id}`)).body.appliance).toHaveLength(1);
    expect((await client.get("/api/systems?include_pending=0&sid=-1")).body.appliance).toEqual([]);
    await client.post("/api/replication/source", { request_id, accept: false, message: "No." });
    const idsOf = async (path: string) =>
      (await client.get(path)).body.pending.map((each: { request_id: number }) => each.request_id);
    expect(await idsOf("/api/replication/pending")).not.toContain(request_id);
    expect(await idsOf("/api/replication/pending?include_rejected=1")).toContain(request_id);
    const systemsWith = (await client.get("/api/systems?include_rejected=1")).body.appliance;
    expect(systemsWith).toContainEqual(
      expect.objectContaining({ id: -request_id, status: "rejected", message: "No." }),
    );
  });

  it("show this core itself as system 1, and its repositories as storage", async () => {
    const { body } = await client.get("/api/systems/?sid=1");
    expect(body.appliance).toMatchObject([{ id: 1, local: true, name: "Vault", online: true, is_pending: false }]);
    const storage = await client.get("/api/storage/?sid=1&usage=backup");
    expect(storage.body.storage[0]).toMatchObject({ id: expect.any(Number), name: expect.any(String), sid: 1 });
    expect((await client.get("/api/storage?sid=77")).body.storage).toEqual([]);
  });

  it("page through more requests than an answer holds", async () => {
    await core.peer.db.pool.query(
      `insert into pairing (id, side, state, peer_name, request_key_digest, verification_code, message)
       select gen_random_uuid(), 'target', 'denied', 'many ' || n, sha256(n::text::bytea), '', 'No.' from generate_series(1, 2300) n`,
    );
    const page = async (start: number) =>
      (await client.get(`/api/replication/pending?include_rejected=1&start_position=${start}&limit=1000`)).body.pending;
    const pages = [await page(1), await page(1001), await page(2001)].flat();
    const many = pages.filter(({ host }: { host: string }) => host.startsWith("many "));
    expect(new Set(many.map((each: { request_id: number }) => each.request_id)).size).toBe(2300);
  });
});
