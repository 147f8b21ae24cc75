import { statSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { createRepository } from "@/lib/engine/repositories";
import { powerstore } from "@/lib/vendors/powerstore";
import { VendorCore } from "../../../support/vendor-core";
import { errorOf, StoreClient } from "./client";

const MIB = 1024 ** 2;
let core: VendorCore;
let client: StoreClient;
let policy = "";
let made = 0;

beforeAll(async () => {
  core = await VendorCore.start("Vault", [powerstore]);
  client = await StoreClient.signIn(core);
  expect(errorOf(await client.post("volume_group", { name: "too early" }))).toEqual([422, "0xE0A0A0010001", "Error"]);
  await createRepository(core.peer.ctx(), { name: "main", path: `${core.peer.ctx().home}/repository` });
  const rule = await client.post("snapshot_rule", { name: "daily", interval: "One_Day" });
  policy = (await client.post("policy", { name: "Gold", snapshot_rule_ids: [rule.body.id] })).body.id;
});

const newName = () => `thing ${++made}`;
async function make(resource: "volume" | "volume_group", more: object = {}): Promise<string> {
  const size = resource === "volume" ? { size: MIB } : {};
  const answer = await client.post(resource, { name: newName(), ...size, ...more });
  expect([answer.status, answer.body]).toEqual([201, { id: expect.any(String) }]);
  return answer.body.id;
}
const volume = async (id: string) =>
  (await client.get(`volume/${id}?select=id,name,description,size,protection_policy_id,volume_groups(id),state,type`))
    .body;
const group = async (id: string) =>
  (await client.get(`volume_group/${id}?select=id,name,description,protection_policy_id,volumes(id)`)).body;
const fileOf = async (id: string) =>
  statSync((await core.peer.db.prisma.volume.findUniqueOrThrow({ where: { id } })).path ?? "").size;

describe("a volume", () => {
  it("is made alone, of its size, and protected by a policy of its own", async () => {
    const id = await make("volume", {
      name: "Alone",
      size: 3 * MIB,
      description: "d",
      protection_policy_id: "name:gold",
    });
    expect(await volume(id)).toEqual({
      id,
      name: "Alone",
      description: "d",
      size: 3 * MIB,
      protection_policy_id: policy,
      volume_groups: [],
      state: "Ready",
      type: "Primary",
    });
    expect(await fileOf(id)).toBe(3 * MIB);
    expect((await client.get("volume_group?name=eq.alone")).body).toEqual([]);
  });

  it("is made in a group, and is one of the group's", async () => {
    const groupId = await make("volume_group");
    const id = await make("volume", { volume_group_id: groupId });
    expect(await volume(id)).toMatchObject({ volume_groups: [{ id: groupId }], protection_policy_id: null });
    expect((await group(groupId)).volumes).toEqual([{ id }]);
  });

  it("is renamed, described, given a policy, and loses it by an empty text or null", async () => {
    const id = await make("volume");
    const name = newName();
    expect(
      (await client.patch(`volume/${id}`, { name, description: "new", protection_policy_id: policy })).status,
    ).toBe(204);
    expect(await volume(id)).toMatchObject({ name, description: "new", protection_policy_id: policy });
    for (const none of ["", null]) {
      await client.patch(`volume/${id}`, { protection_policy_id: policy });
      expect((await client.patch(`volume/${id}`, { protection_policy_id: none })).status).toBe(204);
      expect((await volume(id)).protection_policy_id).toBeNull();
    }
  });

  it("is not deleted while a policy protects it; then it goes with its file, once", async () => {
    const id = await make("volume", { protection_policy_id: policy });
    expect(errorOf(await client.delete(`volume/${id}`))).toEqual([422, "0xE0A0A0010005", "Error"]);
    await client.patch(`volume/${id}`, { protection_policy_id: "" });
    const { path } = await core.peer.db.prisma.volume.findUniqueOrThrow({ where: { id } });
    expect((await client.delete(`volume/${id}`)).status).toBe(204);
    expect(errorOf(await client.delete(`volume/${id}`))).toEqual([404, "0xE0A07001000C", "Error"]);
    await core.peer.runJobs("delete-agent");
    expect(() => statSync(path ?? "")).toThrow();
  });

  it("refuses sizes, names and properties that cannot be, before anything is done", async () => {
    const before = (await client.get("volume?limit=2000")).body.length;
    const good = { name: "x", size: MIB };
    for (const bad of [
      { ...good, size: MIB - 8192 },
      { ...good, size: MIB + 1 },
      { ...good, size: 257 * 1024 ** 4 },
      { ...good, size: "1048576" },
      { ...good, name: " " },
      { ...good, flux: 1 },
      { name: "x" },
    ])
      expect(errorOf(await client.post("volume", bad))).toEqual([400, "0xE04040030001", "Error"]);
    expect((await client.post("volume", { ...good, volume_group_id: "nothing" })).status).toBe(404);
    expect((await client.post("volume", { ...good, protection_policy_id: "name:nothing" })).status).toBe(404);
    expect((await client.get("volume?limit=2000")).body.length).toBe(before);
  });

  it("has a name of its own whatever the case, also when two are made at once", async () => {
    const name = newName();
    const answers = await Promise.all(
      [name, name.toUpperCase(), name].map((one) => client.post("volume", { name: one, size: MIB })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 422, 422]);
    const id = await make("volume");
    expect(errorOf(await client.patch(`volume/${id}`, { name }))).toEqual([422, "0xE0A0A0010004", "Error"]);
    expect((await client.patch(`volume/${id}`, { size: 2 * MIB })).status).toBe(422);
  });
});

describe("a volume group", () => {
  it("takes volumes in and lets them go, by id or by name, and keeps their bytes", async () => {
    const [a, b] = [await make("volume", { name: "Member A" }), await make("volume")];
    const id = await make("volume_group", {
      volume_ids: [a],
      protection_policy_id: policy,
      is_write_order_consistent: true,
    });
    expect(await group(id)).toMatchObject({ protection_policy_id: policy, volumes: [{ id: a }] });
    expect((await client.post(`volume_group/${id}/add_members`, { volume_ids: [b] })).status).toBe(204);
    expect((await group(id)).volumes).toHaveLength(2);
    // Repeated: they are there already.
    expect((await client.post(`volume_group/${id}/add_members`, { volume_ids: [b] })).status).toBe(204);
    expect((await client.post(`volume_group/${id}/remove_members`, { volume_ids: ["name:member a"] })).status).toBe(
      204,
    );
    expect(await group(id)).toMatchObject({ volumes: [{ id: b }] });
    expect(await volume(a)).toMatchObject({ name: "Member A", volume_groups: [], protection_policy_id: null });
    expect(await fileOf(a)).toBe(MIB);
    expect((await client.post(`volume_group/${id}/remove_members`, { volume_ids: [a] })).status).toBe(404);
  });

  it("takes no volume of another group, none that is unknown, and no empty list", async () => {
    const first = await make("volume_group");
    const second = await make("volume_group");
    const id = await make("volume", { volume_group_id: first });
    expect(errorOf(await client.post(`volume_group/${second}/add_members`, { volume_ids: [id] }))).toEqual([
      422,
      "0xE0A0A0010003",
      "Error",
    ]);
    expect((await client.post(`volume_group/${second}/add_members`, { volume_ids: [second] })).status).toBe(404);
    for (const volume_ids of [[], null, "x", [1]])
      expect((await client.post(`volume_group/${second}/add_members`, { volume_ids })).status).toBe(400);
  });

  it("loses its policy by gopowerstore's PATCH, and is not deleted before", async () => {
    const id = await make("volume_group", { protection_policy_id: policy });
    expect((await client.delete(`volume_group/${id}`)).status).toBe(422);
    const sent = { protection_policy_id: "", description: "" };
    expect((await client.patch(`volume_group/${id}`, sent)).status).toBe(204);
    expect((await client.patch(`volume_group/${id}`, sent)).status).toBe(204);
    expect((await client.delete(`volume_group/${id}`)).status).toBe(204);
    expect(errorOf(await client.get(`volume_group/${id}`))).toEqual([404, "0xE0A08001000E", "Error"]);
  });

  it("leaves its volumes alone when it is deleted, or takes them along when asked", async () => {
    const keeping = await make("volume_group");
    const kept = await make("volume", { volume_group_id: keeping });
    expect((await client.delete(`volume_group/${keeping}`)).status).toBe(204);
    expect(await volume(kept)).toMatchObject({ volume_groups: [] });
    const taking = await make("volume_group");
    const taken = await make("volume", { volume_group_id: taking });
    expect((await client.send("DELETE", `volume_group/${taking}`, { delete_members: true })).status).toBe(204);
    expect((await client.get(`volume/${taken}`)).status).toBe(404);
  });

  it("has a name of its own, and a rename is told", async () => {
    const name = newName();
    await make("volume_group", { name });
    expect((await client.post("volume_group", { name: name.toUpperCase() })).status).toBe(422);
    const id = await make("volume_group");
    expect((await client.patch(`volume_group/${id}`, { name })).status).toBe(422);
    expect((await client.patch(`volume_group/${id}`, { name: `${name} b`, description: "d" })).status).toBe(204);
    expect(await group(id)).toMatchObject({ name: `${name} b`, description: "d" });
  });
});

describe("deleting", () => {
  it("is for administrators", async () => {
    const engineer = await StoreClient.signIn(core, "engineer");
    const id = await make("volume");
    expect((await engineer.delete(`volume/${id}`)).status).toBe(422);
    expect((await engineer.patch(`volume/${id}`, { description: "x" })).status).toBe(204);
  });
});
