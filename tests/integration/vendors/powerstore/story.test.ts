import { readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { beforeEach, describe, expect, it } from "vitest";
import type { VendorCore } from "../../../support/vendor-core";
import { noise } from "../../replication/records";
import { type Answer, StoreClient } from "./client";
import { Systems } from "./systems";

const MIB = 1024 ** 2;
let systems: Systems;
let here: StoreClient;
let there: StoreClient;
let group = "";
let policy = "";
let volumes: string[] = [];
let session = "";

/** Rule, policy, group and two volumes, made as a client makes them; the session appears by itself. */
beforeEach(async () => {
  systems = await Systems.start();
  here = await StoreClient.signIn(systems.local);
  there = await StoreClient.signIn(systems.remote);
  const [{ id: remote_system_id }] = (await here.get("remote_system?select=id")).body;
  const made = async (answer: Promise<Answer>): Promise<string> => {
    const { status, body } = await answer;
    expect([status, body]).toEqual([201, { id: expect.any(String) }]);
    return body.id;
  };
  const rule = await made(here.post("replication_rule", { name: "quarter", rpo: "Fifteen_Minutes", remote_system_id }));
  policy = await made(here.post("policy", { name: "Gold", replication_rule_ids: [rule] }));
  group = await made(here.post("volume_group", { name: "app", protection_policy_id: policy }));
  volumes = [
    await made(here.post("volume", { name: "data", size: 3 * MIB, volume_group_id: group })),
    await made(here.post("volume", { name: "log", size: MIB, volume_group_id: group })),
  ];
  await systems.settle();
  const found = await here.get(
    `replication_session?local_resource_id=eq.${group}&select=id,role,storage_element_pairs`,
  );
  expect(found.body).toMatchObject([{ role: "Source" }]);
  expect(found.body[0].storage_element_pairs).toHaveLength(2);
  session = found.body[0].id;
});

const view = async (client: StoreClient) =>
  (await client.get(`replication_session/${session}?select=state,role,local_resource_id,remote_resource_id`)).body;
const act = async (client: StoreClient, action: string, body?: object) => {
  const { status, body: told } = await client.post(`replication_session/${session}/${action}`, body);
  expect([action, status, told]).toEqual([action, 204, null]);
};

/** The file in which a core keeps a disk, as a host that uses it would see it. */
async function diskOf({ peer }: VendorCore, volumeId = ""): Promise<string> {
  const { path } = await peer.db.prisma.volume.findUniqueOrThrow({ where: { id: volumeId } });
  expect(path).not.toBeNull();
  return path ?? "";
}

async function write(core: VendorCore, volumeId: string | undefined, bytes: Buffer, at: number): Promise<void> {
  const file = await open(await diskOf(core, volumeId), "r+");
  await file.write(bytes, 0, bytes.length, at);
  await file.close();
}

const bytesOf = async (core: VendorCore) => {
  const files = await Promise.all(volumes.map((id) => diskOf(core, id)));
  return files.map((file) => readFileSync(file));
};

describe("the life of a replicated volume group", { timeout: 300_000 }, () => {
  it("goes from its first sync through failover and failback, and the current side has every byte", async () => {
    await write(systems.local, volumes[0], noise("first", 2 * MIB), 4096);
    await write(systems.local, volumes[1], noise("log", 9_000), 100);
    await act(here, "sync");
    await systems.settle();
    expect([await view(here), await view(there)]).toEqual([
      { state: "OK", role: "Source", local_resource_id: group, remote_resource_id: group },
      { state: "OK", role: "Destination", local_resource_id: group, remote_resource_id: group },
    ]);
    expect(
      (
        await there.get(
          `volume_group/name:APP?select=name,is_replication_destination,volumes(id,name,size),protection_policy(name,is_replica)`,
        )
      ).body,
    ).toEqual({
      name: "app",
      is_replication_destination: true,
      volumes: expect.arrayContaining([{ id: volumes[0], name: "data", size: 3 * MIB }]),
      protection_policy: { name: "Gold", is_replica: true },
    });

    // Written after the last sync: a planned failover loses nothing.
    await write(systems.local, volumes[0], noise("second", 70_000), MIB);
    const before = await bytesOf(systems.local);
    await act(here, "failover", { is_planned: true });
    await systems.settle(6);
    expect([await view(here), await view(there)]).toMatchObject([
      { state: "Failed_Over", role: "Destination" },
      { state: "Failed_Over", role: "Source" },
    ]);
    expect(await bytesOf(systems.remote)).toEqual(before);

    await write(systems.remote, volumes[0], noise("third", 90_000), 2 * MIB);
    await write(systems.remote, volumes[1], noise("log 2", 5_000), 500_000);
    await act(there, "reprotect");
    await systems.settle(6);
    await act(there, "sync");
    await systems.settle(6);
    expect([await view(here), await view(there)]).toMatchObject([
      { state: "OK", role: "Destination" },
      { state: "OK", role: "Source" },
    ]);

    await write(systems.remote, volumes[0], noise("fourth", 10_000), 10);
    const last = await bytesOf(systems.remote);
    expect(last).not.toEqual(before);
    await act(there, "failover");
    await systems.settle(6);
    expect(await view(here)).toMatchObject({ state: "Failed_Over", role: "Source" });
    expect(await bytesOf(systems.local)).toEqual(last);
    await act(here, "reprotect");
    await systems.settle(6);
    expect([await view(here), await view(there)]).toMatchObject([
      { state: "OK", role: "Source" },
      { state: "OK", role: "Destination" },
    ]);

    // Taking the policy away ends it.
    expect((await here.patch(`volume_group/${group}`, { protection_policy_id: "" })).status).toBe(204);
    await systems.settle();
    expect((await here.get(`replication_session?local_resource_id=eq.${group}`)).body).toEqual([]);
  });

  it("goes on at the destination when its source is killed, with the bytes of the last sync", async () => {
    await write(systems.local, volumes[0], noise("kept", 2 * MIB), 0);
    const synced = await bytesOf(systems.local);
    await act(here, "sync");
    await systems.settle();
    await write(systems.local, volumes[0], noise("lost", 50_000), 0);
    await systems.local.peer.stopListening();
    await systems.remote.peer.stopListening();
    await act(there, "failover", { is_planned: false });
    for (const name of ["advance-session", "run-task"] as const) await systems.remote.peer.runJobs(name);
    expect(await view(there)).toMatchObject({ state: "Failed_Over", role: "Source" });
    expect(await bytesOf(systems.remote)).toEqual(synced);
    await write(systems.remote, volumes[1], noise("new life", 30_000), 0);

    await systems.remote.peer.listen();
    await systems.local.peer.listen();
    await systems.settle();
    expect(await view(here)).toMatchObject({ state: "Failed_Over", role: "Destination" });
    await act(there, "reprotect");
    await systems.settle(6);
    const current = await bytesOf(systems.remote);
    await act(there, "failover", { is_planned: true, reverse: true });
    await systems.settle(10);
    expect([await view(here), await view(there)]).toMatchObject([
      { state: "OK", role: "Source" },
      { state: "OK", role: "Destination" },
    ]);
    expect(await bytesOf(systems.local)).toEqual(current);
  });

  it("is the same for a volume in no group, which is a volume on both systems", async () => {
    const made = await here.post("volume", { name: "alone", size: MIB, protection_policy_id: policy });
    volumes = [made.body.id];
    await systems.settle();
    const query = `replication_session?local_resource_id=eq.${made.body.id}&select=id,role,resource_type,volumes(name),volume_groups`;
    [{ id: session }] = (await here.get(query)).body;
    await write(systems.local, volumes[0], noise("alone", 600_000), 0);
    const before = await bytesOf(systems.local);
    await act(here, "sync");
    await systems.settle();
    await act(here, "failover");
    await systems.settle(6);
    for (const [client, role] of [
      [here, "Destination"],
      [there, "Source"],
    ] as const)
      expect((await client.get(query)).body).toEqual([
        { id: session, role, resource_type: "volume", volumes: [{ name: "alone" }], volume_groups: [] },
      ]);
    expect(await bytesOf(systems.remote)).toEqual(before);
    expect((await there.get("volume_group?name=eq.alone")).body).toEqual([]);
  });
});
