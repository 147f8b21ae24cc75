import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { addVolume, createAgent, getAgent, listAgents } from "@/lib/engine/agents";
import type { AgentSummary, ListAgentsInput } from "@/lib/engine/agents/schemas";
import { deleteRecoveryPoint, getRecoveryPoint, listRecoveryPoints } from "@/lib/engine/recovery-points";
import type { RecoveryPointDetail } from "@/lib/engine/recovery-points/schemas";
import { startCapture } from "@/lib/engine/tasks";
import { setAgentQuota } from "@/tests/support/quotas";
import { World } from "../capture/world";

const world = await World.start();

async function listAll(input: Omit<ListAgentsInput, "cursor">): Promise<AgentSummary[]> {
  const items: AgentSummary[] = [];
  let cursor: string | undefined;
  do {
    const page = await listAgents(world.ctx, { ...input, cursor });
    expect(page.items.length).toBeLessThanOrEqual(input.limit);
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  return items;
}

describe("an agent", () => {
  it("is made with its volumes, and says what its recovery points come to", async () => {
    const folder = world.makeFolder("data");
    fs.writeFileSync(path.join(folder, "file"), "twelve bytes");
    const agent = await world.folderAgent("laptop", folder, ["*.tmp"]);
    expect(agent).toMatchObject({
      name: "laptop",
      source: null,
      repository: { name: "main" },
      recoveryPoints: 0,
      newestPointAt: null,
      logicalBytes: 0,
      volumes: [{ name: "files", kind: "folder", path: folder, excludes: ["*.tmp"] }],
    });
    const first = await world.capture(agent.id);
    fs.writeFileSync(path.join(folder, "file"), "and now twenty bytes");
    const second = await world.capture(agent.id);
    expect(await getAgent(world.ctx, { id: agent.id })).toMatchObject({
      recoveryPoints: 2,
      newestPointAt: second.createdAt,
      logicalBytes: 20,
      storedBytes: first.storedBytes + second.storedBytes,
    });
  });

  it.each([
    ["a repository that does not exist", { repositoryId: crypto.randomUUID() }, "no such repository"],
    [
      "two volumes of one name",
      {
        volumes: [
          { kind: "stream" as const, name: "a" },
          { kind: "stream" as const, name: "a" },
        ],
      },
      "same name",
    ],
    [
      "a pattern that cannot be meant",
      { volumes: [{ kind: "folder" as const, name: "a", path: "/tmp", excludes: ["[z-a]"] }] },
      "exclude pattern",
    ],
    [
      "a disk that is a folder",
      { volumes: [{ kind: "image" as const, name: "a", path: "/tmp" }] },
      "neither a file nor a block device",
    ],
  ])("is not made with %s", async (_, wrong, message) => {
    const input = { name: "wrong", hostName: "", repositoryId: world.repositoryId, volumes: [], ...wrong };
    await expect(createAgent(world.ctx, input)).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining(message),
    });
    expect((await listAll({ limit: 50, search: "wrong" })).length).toBe(0);
  });

  it("gets further volumes, each name once; the repository itself is none", async () => {
    const agent = await world.agent("grows", []);
    const input = { agentId: agent.id, kind: "stream" as const, name: "dump" };
    expect(await addVolume(world.ctx, input)).toMatchObject({ kind: "stream", name: "dump", path: null });
    await expect(addVolume(world.ctx, input)).rejects.toMatchObject({ code: "conflict" });
    const inside = {
      ...input,
      kind: "folder" as const,
      name: "x",
      path: path.join(world.folder, "repository"),
      excludes: [],
    };
    await expect(addVolume(world.ctx, inside)).rejects.toMatchObject({ code: "invalid_input" });
    await expect(addVolume(world.ctx, { ...input, agentId: crypto.randomUUID() })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(getAgent(world.ctx, { id: crypto.randomUUID() })).rejects.toMatchObject({ code: "not_found" });
    // There is nothing to read for a stream.
    await expect(startCapture(world.ctx, { agentId: agent.id })).rejects.toMatchObject({ code: "invalid_input" });
  });
});

describe("the list of agents", () => {
  it("has every agent once, by name, in pages of any size, filtered by words and origin", async () => {
    const made = ["same", "same", "same", "100%", "100 x", "Zebra"];
    for (const name of made) await world.agent(name, []);
    const pairing = await world.db.prisma.pairing.create({
      data: { side: "target", peerName: "branch office", requestKeyDigest: Buffer.alloc(32), verificationCode: "1" },
    });
    const replica = await world.agent("replica", []);
    const led = { pairingId: pairing.id, leadPairingId: pairing.id };
    await world.db.prisma.agent.update({ where: { id: replica.id }, data: led });
    await setAgentQuota(world.db, replica.id, 5n);
    const all = await listAll({ limit: 200 });
    for (const limit of [1, 2, 3]) expect(await listAll({ limit })).toEqual(all);
    expect(new Set(all.map((agent) => agent.id)).size).toBe(all.length);
    expect((await listAll({ limit: 2, search: "100%" })).map((agent) => agent.name)).toEqual(["100%"]);
    expect((await listAll({ limit: 2, search: "SAME" })).length).toBe(3);
    expect(await listAll({ limit: 2, origin: "replicated" })).toMatchObject([
      { name: "replica", source: { pairingId: pairing.id, coreName: "branch office" }, quotaBytes: 5 },
    ]);
    const local = await listAgents(world.ctx, { limit: 1, origin: "local" });
    expect(local.total).toBe(all.length - 1);
    await expect(listAgents(world.ctx, { limit: 1, cursor: "x" })).rejects.toMatchObject({ code: "invalid_input" });
    // Somebody else's core captures it.
    await expect(startCapture(world.ctx, { agentId: replica.id })).rejects.toMatchObject({ code: "conflict" });
    const more = { agentId: replica.id, kind: "stream" as const, name: "x" };
    await expect(addVolume(world.ctx, more)).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("recovery points", () => {
  it("are listed newest first, in pages, and gone when deleted, with their document and manifests", async () => {
    const folder = world.makeFolder("points");
    const agent = await world.folderAgent("points", folder);
    const made: RecoveryPointDetail[] = [];
    for (let i = 0; i < 5; i++) made.push(await world.capture(agent.id));
    const first = await listRecoveryPoints(world.ctx, { agentId: agent.id, limit: 3 });
    expect(first.items.map((point) => point.sequence)).toEqual([5, 4, 3]);
    expect(first).toMatchObject({ total: 5, items: [{ images: 1 }, {}, {}] });
    const rest = await listRecoveryPoints(world.ctx, { agentId: agent.id, limit: 3, cursor: first.nextCursor ?? "" });
    expect(rest.items.map((point) => point.sequence)).toEqual([2, 1]);
    expect(rest.nextCursor).toBeNull();

    const files = () =>
      fs
        .readdirSync(path.join(world.folder, "repository"), { recursive: true })
        .map(String)
        .filter((name) => name.includes(made[0]?.id ?? "") || name.includes(made[0]?.images[0]?.id ?? ""));
    expect(files().length).toBe(2);
    await deleteRecoveryPoint(world.ctx, { id: made[0]?.id ?? "" });
    expect(files()).toEqual([]);
    await expect(getRecoveryPoint(world.ctx, { id: made[0]?.id ?? "" })).rejects.toMatchObject({ code: "not_found" });
    await expect(deleteRecoveryPoint(world.ctx, { id: made[0]?.id ?? "" })).rejects.toMatchObject({
      code: "not_found",
    });
    expect((await listRecoveryPoints(world.ctx, { agentId: agent.id, limit: 1 })).total).toBe(4);
    const nobody = { agentId: crypto.randomUUID(), limit: 1 };
    await expect(listRecoveryPoints(world.ctx, nobody)).rejects.toMatchObject({ code: "not_found" });
  });
});
