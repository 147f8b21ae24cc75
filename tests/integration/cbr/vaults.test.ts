import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { createAgent } from "@/lib/engine/agents";
import { withPointRows } from "@/tests/support/point-rows";
import { CbrWorld } from "./world";

let world: CbrWorld;
let disk: string;
beforeAll(async () => {
  world = await CbrWorld.start("eu-de");
  disk = path.join(world.core.peer.home, "disk.img");
  writeFileSync(disk, Buffer.alloc(3_000_000, 7));
});

const vaultOf = (name: string, change: object = {}) =>
  world.call("POST", "/vaults", {
    vault: {
      name,
      description: "made by a client",
      billing: {
        cloud_type: "public",
        consistent_level: "crash_consistent",
        object_type: "server",
        protect_type: "backup",
        size: 100,
        charging_mode: "post_paid",
      },
      resources: [],
      ...change,
    },
  });

async function agentIn(vaultId: string, name: string) {
  const volumes = [{ kind: "image" as const, name: "disk", path: disk }];
  return createAgent(world.core.peer.ctx(), { name, hostName: name, repositoryId: vaultId, volumes });
}

const code = ({ status, body }: { status: number; body: { error_code: string } }) => [status, body.error_code];

describe("vaults", () => {
  it("are made in the core's own home, listed, changed and deleted", async () => {
    const { status, body } = await vaultOf("vault-1");
    expect([status, body.vault.name, body.vault.project_id]).toEqual([200, "vault-1", world.project]);
    expect(readdirSync(path.join(world.core.peer.home, "repositories"))).toHaveLength(1);
    const { id } = body.vault;
    const listed = await world.call("GET", `/vaults?name=vault-1&limit=10&offset=0`);
    expect(listed.body).toMatchObject({ count: 1, limit: 10, offset: 0, vaults: [{ id }] });
    expect((await world.call("GET", `/vaults?id=${id}`)).body.count).toBe(1);
    expect((await world.call("GET", "/vaults?status=frozen")).body).toMatchObject({
      count: 0,
      limit: 1000,
      vaults: [],
    });
    const changed = await world.call("PUT", `/vaults/${id}`, { vault: { name: "vault-2", billing: { size: 5 } } });
    expect(changed.body.vault).toMatchObject({ name: "vault-2", description: "made by a client" });
    expect((await world.call("DELETE", `/vaults/${id}`)).status).toBe(204);
    expect(code(await world.call("DELETE", `/vaults/${id}`))).toEqual([404, "BackupService.6105"]);
    expect(code(await world.call("GET", `/vaults/${id}`))).toEqual([404, "BackupService.6105"]);
  });

  it("that are malformed, taken, in use or not for this role are refused with their codes", async () => {
    const { repositoryId } = await withPointRows(world.core.peer, 1, { name: "used" });
    await vaultOf("taken");
    expect(code(await vaultOf("taken"))).toEqual([400, "BackupService.9900"]);
    expect(code(await vaultOf(""))).toEqual([400, "BackupService.9900"]);
    expect(code(await world.call("POST", "/vaults", {}))).toEqual([400, "BackupService.9900"]);
    expect(code(await world.call("GET", "/vaults?limit=1001"))).toEqual([400, "BackupService.9900"]);
    expect(code(await world.call("DELETE", `/vaults/${repositoryId}`))).toEqual([400, "BackupService.6112"]);
    expect(code(await world.call("POST", "/vaults", {}, "engineer"))).toEqual([403, "APIGW.0302"]);
    expect(code(await world.call("PATCH", "/vaults", {}))).toEqual([405, "APIGW.0106"]);
    expect(code(await world.call("GET", "/storage_usage"))).toEqual([404, "APIGW.0101"]);
  });

  it("know their resources; those of others, unknown ones and the same again are told apart", async () => {
    const { body } = await vaultOf("with-resources");
    const { id } = body.vault;
    const agent = await agentIn(id, "server-1");
    const add = (resourceId: string) =>
      world.call("POST", `/vaults/${id}/addresources`, {
        resources: [{ id: resourceId, type: "OS::Nova::Server", extra_info: { exclude_volumes: [] } }],
      });
    expect((await add(agent.id)).body).toEqual({ add_resource_ids: [agent.id] });
    expect((await add(agent.id)).status).toBe(200);
    expect(code(await add(randomUUID()))).toEqual([404, "BackupService.6302"]);
    const elsewhere = await withPointRows(world.core.peer, 1, { name: "elsewhere" });
    expect(code(await add(elsewhere.agentId))).toEqual([400, "BackupService.6103"]);
    const foreign = await withPointRows(world.core.peer, 1, { tenant: "Other", name: "foreign", repositoryId: id });
    expect(code(await add(foreign.agentId))).toEqual([404, "BackupService.6302"]);
    const seen = await world.call("GET", `/vaults/${id}`);
    expect(seen.body.vault.resources).toMatchObject([
      { id: agent.id, type: "OS::Nova::Server", protect_status: "available" },
    ]);
    expect((await world.call("GET", `/vaults?resource_ids=${agent.id},${randomUUID()}`)).body.count).toBe(1);

    const remove = () => world.call("POST", `/vaults/${id}/removeresources`, { resource_ids: [agent.id] });
    expect((await remove()).body).toEqual({ remove_resource_ids: [agent.id] });
    expect((await world.call("GET", `/vaults/${id}`)).body.vault.resources[0].protect_status).toBe("removing");
    await world.core.peer.runJobs("delete-agent");
    expect((await world.call("GET", `/vaults/${id}`)).body.vault.resources).toEqual([]);
    expect(code(await remove())).toEqual([404, "BackupService.6302"]);
    const logs = await world.call("GET", `/operation-logs?operation_type=remove_resource&vault_id=${id}`);
    expect(logs.body.operation_logs).toMatchObject([
      { status: "success", extra_info: { remove_resources: { total_count: 0 } } },
    ]);
  });
});

describe("a checkpoint", () => {
  it("captures the vault's resources, is followed by its id, restored beside its place, and deleted", async () => {
    const { id } = (await vaultOf("captured")).body.vault;
    const agent = await agentIn(id, "server-2");
    const wanted = {
      checkpoint: {
        vault_id: id,
        parameters: { auto_trigger: false, incremental: true, name: "manual", description: "", resources: [agent.id] },
      },
    };
    const started = await world.call("POST", "/checkpoints", wanted, "engineer");
    expect(started.status).toBe(200);
    const { checkpoint } = started.body;
    expect(checkpoint).toMatchObject({
      status: "protecting",
      project_id: world.project,
      vault: { id, resources: [{ id: agent.id, protect_status: "protecting" }], skipped_resources: [] },
    });
    expect((await world.call("GET", `/checkpoints/${checkpoint.id}`)).body.checkpoint.status).toBe("protecting");
    expect(code(await world.call("POST", "/checkpoints", wanted))).toEqual([400, "BackupService.6125"]);
    await world.core.peer.runJobs("run-task");
    expect((await world.call("GET", `/checkpoints/${checkpoint.id}`)).body.checkpoint).toMatchObject({
      id: checkpoint.id,
      status: "available",
    });

    const listed = await world.call(
      "GET",
      `/backups?checkpoint_id=${checkpoint.id}&status=available&status=error&sort=created_at:desc`,
    );
    expect(listed.body).toMatchObject({
      count: 1,
      backups: [{ checkpoint_id: checkpoint.id, vault_id: id, resource_size: 1, incremental: false }],
    });
    const [backup] = listed.body.backups;
    expect((await world.call("GET", `/backups/${backup.id}`)).body.backup.id).toBe(backup.id);

    const restore = (change: object) =>
      world.call("POST", `/backups/${backup.id}/restore`, { restore: { power_on: true, ...change } }, "engineer");
    expect(code(await restore({ volume_id: randomUUID() }))).toEqual([400, "BackupService.2003"]);
    expect(
      (await restore({ mappings: [{ backup_id: backup.id, volume_id: backup.resource_id }], server_id: agent.id }))
        .status,
    ).toBe(202);
    expect(code(await restore({ server_id: agent.id }))).toEqual([400, "BackupService.2010"]);
    expect(code(await world.call("DELETE", `/backups/${backup.id}`))).toEqual([400, "BackupService.6216"]);
    await world.core.peer.runJobs("run-task");
    const [restored] = readdirSync(world.core.peer.home).filter((name) => name.startsWith("disk.img.restored-"));
    expect(readFileSync(path.join(world.core.peer.home, restored ?? "")).equals(readFileSync(disk))).toBe(true);

    expect(code(await world.call("DELETE", `/backups/${backup.id}`, undefined, "engineer"))).toEqual([
      403,
      "APIGW.0302",
    ]);
    expect((await world.call("DELETE", `/backups/${backup.id}`)).status).toBe(204);
    expect(code(await world.call("GET", `/backups/${backup.id}`))).toEqual([404, "BackupService.6200"]);
    expect(code(await world.call("GET", `/checkpoints/${checkpoint.id}`))).toEqual([404, "BackupService.6217"]);
    const logs = (await world.call("GET", `/operation-logs?vault_id=${id}`)).body.operation_logs;
    expect(logs.map((log: { operation_type: string; status: string }) => [log.operation_type, log.status])).toEqual([
      ["delete", "success"],
      ["restore", "success"],
      ["backup", "success"],
    ]);
    expect(existsSync(disk)).toBe(true);
  });

  it("of a vault with nothing to capture, or unknown things, is refused with its code", async () => {
    const { id } = (await vaultOf("empty")).body.vault;
    const ask = (vault_id: string, parameters?: object) =>
      world.call("POST", "/checkpoints", { checkpoint: { vault_id, parameters } });
    expect(code(await ask(id))).toEqual([400, "BackupService.0001"]);
    expect(code(await ask(id, { resources: [randomUUID()] }))).toEqual([404, "BackupService.6302"]);
    expect(code(await ask(randomUUID()))).toEqual([404, "BackupService.6105"]);
    expect(code(await world.call("POST", "/checkpoints", {}))).toEqual([400, "BackupService.9900"]);
    expect(code(await world.call("GET", `/checkpoints/${randomUUID()}`))).toEqual([404, "BackupService.6217"]);
    expect(code(await world.call("POST", `/backups/${randomUUID()}/restore`, { restore: {} }))).toEqual([
      404,
      "BackupService.6200",
    ]);
    expect(code(await world.call("GET", `/operation-logs/${randomUUID()}`))).toEqual([404, "BackupService.6500"]);
  });

  it("of one agent of another project is not there", async () => {
    const foreign = await withPointRows(world.core.peer, 1, { tenant: "Third", name: "third" });
    const image = await world.core.peer.db.prisma.volumeImage.findFirstOrThrow({
      where: { recoveryPoint: { agentId: foreign.agentId } },
    });
    expect(code(await world.call("GET", `/backups/${image.id}`))).toEqual([404, "BackupService.6200"]);
    expect(code(await world.call("DELETE", `/backups/${image.id}`))).toEqual([404, "BackupService.6200"]);
    expect(code(await world.call("GET", `/checkpoints/${image.recoveryPointId}`))).toEqual([404, "BackupService.6217"]);
    expect(code(await world.call("POST", `/backups/${image.id}/restore`, { restore: {} }))).toEqual([
      404,
      "BackupService.6200",
    ]);
  });
});

describe("backups", () => {
  it("are paged over thousands, by offset, by marker and by the links that gophertelekomcloud follows", async () => {
    const { repositoryId } = await withPointRows(world.core.peer, 2_400, { name: "many" });
    const follow = async (
      first: string,
      next: (
        body: { backups: { id: string }[]; backups_links?: { href: string }[] },
        page: number,
      ) => string | undefined,
    ) => {
      const seen = new Set<string>();
      let address: string | undefined = first;
      for (let page = 1; address && page <= 10; page++) {
        const { body }: { body: { backups: { id: string }[]; count: number; backups_links?: { href: string }[] } } =
          await world.call("GET", address);
        expect(body.count).toBe(2_400);
        for (const { id } of body.backups) seen.add(id);
        address = next(body, page);
      }
      return seen.size;
    };
    const start = `/backups?vault_id=${repositoryId}&limit=1000`;
    expect(
      await follow(start, ({ backups }, page) =>
        backups.length === 1000 ? `${start}&offset=${page * 1000}` : undefined,
      ),
    ).toBe(2_400);
    expect(
      await follow(start, ({ backups }) =>
        backups.length === 1000 ? `${start}&marker=${backups.at(-1)?.id}` : undefined,
      ),
    ).toBe(2_400);
    const base = `https://core.test:4443/v3/${world.project}`;
    expect(
      await follow(`/backups?vault_id=${repositoryId}`, (body) => body.backups_links?.[0]?.href.replace(base, "")),
    ).toBe(2_400);
  });

  it("that no filter of this core knows are none, and a filter that cannot be read is refused", async () => {
    for (const query of [
      "resource_az=x",
      "member_status=pending",
      "own_type=shared",
      "status=protecting",
      "resource_type=OS::Nova::Server",
      "image_type=other",
      `parent_id=${randomUUID()}`,
      "dec=true",
    ])
      expect([query, (await world.call("GET", `/backups?${query}`)).body.count]).toEqual([query, 0]);
    expect(
      (
        await world.call(
          "GET",
          "/backups?dec=false&limit=&marker=&name=&used_percent=&resource_type=OS::Cinder::Volume&limit=1",
        )
      ).status,
    ).toBe(400);
    expect(
      (await world.call("GET", "/backups?marker=&name=&used_percent=&resource_type=OS::Cinder::Volume&limit=1")).body
        .backups,
    ).toHaveLength(1);
    for (const query of [
      "sort=color",
      "start_time=yesterday",
      "limit=0",
      "offset=-1",
      "vault_id=x",
      "incremental=maybe",
    ])
      expect([query, code(await world.call("GET", `/backups?${query}`))]).toEqual([query, [400, "BackupService.9900"]]);
  });
});

describe("policies", () => {
  const policy = (change: object = {}) => ({
    policy: {
      name: "policy001",
      operation_type: "backup",
      operation_definition: {
        day_backups: 0,
        month_backups: 0,
        retention_duration_days: 1,
        timezone: "UTC+08:00",
        week_backups: 0,
        year_backups: 0,
      },
      trigger: {
        properties: {
          pattern: [
            "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=14;BYMINUTE=00",
            "FREQ=DAILY;INTERVAL=1;BYHOUR=2;BYMINUTE=30",
          ],
        },
      },
      ...change,
    },
  });

  it("are made as gophertelekomcloud does, given to a vault's resources, changed, taken away and deleted", async () => {
    const made = await world.call("POST", "/policies", policy(), "engineer");
    expect(made.body.policy).toMatchObject({
      name: "policy001",
      enabled: true,
      operation_type: "backup",
      operation_definition: { retention_duration_days: 1, max_backups: -1 },
      trigger: {
        type: "time",
        properties: {
          pattern: ["FREQ=DAILY;INTERVAL=1;BYHOUR=2;BYMINUTE=30", "FREQ=DAILY;INTERVAL=1;BYHOUR=14;BYMINUTE=00"],
        },
      },
    });
    const { id } = made.body.policy;
    expect(code(await world.call("POST", "/policies", policy()))).toEqual([400, "BackupService.9900"]);

    const vault = (await vaultOf("with-policy")).body.vault.id;
    const give = () => world.call("POST", `/vaults/${vault}/associatepolicy`, { policy_id: id });
    expect(code(await give())).toEqual([400, "BackupService.0001"]);
    const agent = await agentIn(vault, "server-3");
    expect((await give()).body).toEqual({ associate_policy: { vault_id: vault, policy_id: id } });
    expect((await give()).status).toBe(200);
    expect((await world.call("GET", `/policies?vault_id=${vault}&operation_type=backup`)).body).toMatchObject({
      count: 1,
      policies: [{ id, associated_vaults: [{ vault_id: vault }] }],
    });
    expect((await world.call("GET", "/policies?operation_type=replication")).body.count).toBe(0);
    expect((await world.call("GET", `/vaults?policy_id=${id}`)).body.vaults).toMatchObject([{ id: vault }]);
    expect((await world.core.peer.db.prisma.agent.findUniqueOrThrow({ where: { id: agent.id } })).policyId).toBe(id);

    const changed = await world.call("PUT", `/policies/${id}`, {
      policy: { name: "renamed", operation_definition: { max_backups: 5 } },
    });
    expect(changed.body.policy).toMatchObject({
      name: "renamed",
      operation_definition: { max_backups: 5, retention_duration_days: -1 },
      trigger: { properties: { pattern: made.body.policy.trigger.properties.pattern } },
    });
    expect(await world.core.peer.db.prisma.snapshotRule.count()).toBe(2);
    expect(code(await world.call("DELETE", `/policies/${id}`))).toEqual([400, "BackupService.9900"]);
    const take = () => world.call("POST", `/vaults/${vault}/dissociatepolicy`, { policy_id: id });
    expect((await take()).body).toEqual({ dissociate_policy: { vault_id: vault, policy_id: id } });
    expect(code(await take())).toEqual([404, "BackupService.6002"]);
    expect((await world.call("DELETE", `/policies/${id}`)).status).toBe(204);
    expect(await world.core.peer.db.prisma.snapshotRule.count()).toBe(0);
    expect(code(await world.call("GET", `/policies/${id}`))).toEqual([404, "BackupService.6000"]);
  });

  it("that this core cannot follow, or that are unknown, are refused with their codes", async () => {
    const ask = async (change: object) =>
      code(await world.call("POST", "/policies", policy({ name: "other", ...change })));
    expect(await ask({ enabled: false })).toEqual([400, "BackupService.9900"]);
    expect(await ask({ operation_definition: { year_backups: 1 } })).toEqual([400, "BackupService.9900"]);
    expect(await ask({ trigger: { properties: { pattern: ["FREQ=MONTHLY"] } } })).toEqual([400, "BackupService.9900"]);
    expect(await ask({ operation_type: "replication" })).toEqual([400, "BackupService.9900"]);
    expect(
      await ask({
        operation_type: "replication",
        operation_definition: { destination_region: "atlantis", destination_project_id: world.project },
      }),
    ).toEqual([500, "BackupService.1005"]);
    const vault = (await vaultOf("without-policy")).body.vault.id;
    expect(code(await world.call("POST", `/vaults/${vault}/associatepolicy`, { policy_id: randomUUID() }))).toEqual([
      404,
      "BackupService.6000",
    ]);
    expect(
      code(await world.call("POST", `/vaults/${randomUUID()}/dissociatepolicy`, { policy_id: randomUUID() })),
    ).toEqual([404, "BackupService.6105"]);
    expect(code(await world.call("DELETE", `/policies/${randomUUID()}`))).toEqual([404, "BackupService.6000"]);
    expect(code(await world.call("POST", "/policies", policy(), "reader"))).toEqual([403, "APIGW.0302"]);
  });
});
