import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { createAccessKey } from "@/lib/engine/access-keys";
import { VendorCore } from "@/tests/support/vendor-core";
import { TwoVaults } from "../vault-replications/two-vaults";
import { CbrWorld, sdkHeaders } from "./world";

let vaults: TwoVaults;
let world: CbrWorld;
beforeAll(async () => {
  vaults = await TwoVaults.start();
  world = await CbrWorld.around(await VendorCore.around(vaults.source));
});

const wanted = (change: object = {}) => ({
  destination_project_id: "68589cac08274b82b4e254268a3862d8",
  destination_region: "target",
  destination_vault_id: vaults.ids.destinationId,
  ...change,
});
const replicate = (change: object = {}) =>
  world.call("POST", "/checkpoints/replicate", { replicate: { vault_id: vaults.ids.repositoryId, ...wanted(change) } });

describe("before anything is replicated", () => {
  it("the capabilities name this core and those that it sends to", async () => {
    expect((await world.call("GET", "/replication-capabilities")).body).toEqual({
      regions: [{ name: "source", replication_destinations: ["target"] }],
    });
  });

  it("each refusal has the code of its condition", async () => {
    const told = async (change: object) => {
      const { status, body } = await replicate(change);
      return [status, body.error_code];
    };
    expect(await told({})).toEqual([400, "BackupService.0001"]);
    expect(await told({ destination_region: "atlantis" })).toEqual([500, "BackupService.1005"]);
    expect(await told({ destination_vault_id: randomUUID() })).toEqual([400, "BackupService.6120"]);
    expect(await told({ destination_vault_id: vaults.ids.emptyRepositoryId })).toEqual([400, "BackupService.6119"]);
    expect(await told({ vault_id: randomUUID() })).toEqual([404, "BackupService.6105"]);
    expect(await told({ vault_id: "none" })).toEqual([400, "BackupService.9900"]);
    expect(await told({ destination_project_id: undefined })).toEqual([400, "BackupService.9900"]);
    const backup = await world.call("POST", `/backups/${randomUUID()}/replicate`, { replicate: wanted() });
    expect([backup.status, backup.body.error_code]).toEqual([404, "BackupService.6200"]);
    const reader = await world.call("POST", "/checkpoints/replicate", {}, "reader");
    expect([reader.status, reader.body.error_code]).toEqual([403, "APIGW.0302"]);
  });
});

/** Fifty images over TLS; a busy machine takes a minute. */
const STORY_MS = 240_000;

describe("a vault of 50 backups, replicated to a second core in one call", () => {
  it(
    "has one record for each backup, polled to success, and the images lie there byte for byte",
    async () => {
      await vaults.capture(50);
      const answer = await replicate({ auto_trigger: false });
      expect(answer.status).toBe(200);
      const { replication } = answer.body;
      expect(replication).toMatchObject({
        vault_id: vaults.ids.repositoryId,
        destination_vault_id: vaults.ids.destinationId,
        destination_region: "target",
        destination_project_id: "68589cac08274b82b4e254268a3862d8",
        source_region: "source",
        project_id: world.project,
        provider_id: "0daac4c5-6707-4851-97ba-169e36266b66",
      });
      expect(replication.backups).toHaveLength(50);
      expect(new Set(replication.backups.map((one: { backup_id: string }) => one.backup_id)).size).toBe(50);

      const again = await replicate();
      expect([again.status, again.body.error_code]).toEqual([400, "BackupService.6130"]);
      const [{ backup_id: first }] = replication.backups;
      const single = await world.call("POST", `/backups/${first}/replicate`, { replicate: wanted() });
      expect([single.status, single.body.error_code]).toEqual([400, "BackupService.6216"]);
      expect(await states()).toEqual({ waiting_replicate: 50 });

      await vaults.work();

      expect(await states()).toEqual({ success: 50 });
      const { body } = await world.call("GET", `/backups/${first}`);
      expect(body.backup.replication_records).toMatchObject([
        {
          source_backup_id: first,
          destination_backup_id: first,
          destination_vault_id: vaults.ids.destinationId,
          extra_info: { progress: 100, fail_code: "" },
        },
      ]);
      const digests = async (core: TwoVaults["source"]) =>
        (
          await core.db.prisma.volumeImage.findMany({
            select: { id: true, manifestDigest: true },
            orderBy: { id: "asc" },
          })
        ).map(({ id, manifestDigest }) => [id, Buffer.from(manifestDigest).toString("hex")]);
      expect(await digests(vaults.target)).toEqual(await digests(vaults.source));
    },
    STORY_MS,
  );

  it("is told as tasks, one for each backup", async () => {
    const { body } = await world.call("GET", "/operation-logs?operation_type=replication&status=success&limit=20");
    expect([body.count, body.operation_logs.length]).toEqual([50, 20]);
    expect(body.operation_logs[0]).toMatchObject({
      operation_type: "replication",
      status: "success",
      vault_id: vaults.ids.repositoryId,
      extra_info: { common: { progress: 100 }, replication: { source_region: "source", destination_region: "target" } },
    });
    const one = await world.call("GET", `/operation-logs/${body.operation_logs[0].id}`);
    expect(one.body.operation_log.id).toBe(body.operation_logs[0].id);
  });

  it(
    "may be replicated again, in gophertelekomcloud's form, and signed as Huawei's SDK does",
    async () => {
      await vaults.capture(1);
      const wrapped = {
        checkpoint: { replicate: { vault_id: vaults.ids.repositoryId, auto_trigger: true, ...wanted() } },
      };
      const asOtc = await world.call("POST", "/checkpoints/replicate", wrapped);
      expect([asOtc.status, asOtc.body.replication.backups.length]).toEqual([200, 51]);
      await vaults.work();
      const { id, name } = await vaults.source.db.prisma.account.findUniqueOrThrow({
        where: { email: "engineer@example.com" },
      });
      const key = await createAccessKey(vaults.source.ctx({ kind: "account", accountId: id, name, role: "engineer" }), {
        name: "sdk",
        expiresInDays: 1,
      });
      const [image] = (await world.call("GET", "/backups?limit=1")).body.backups;
      const path = `/v3/${world.project}/backups/${image.id}/replicate`;
      const body = JSON.stringify({ replicate: wanted({ name: "copy", description: "" }) });
      const signed = sdkHeaders(key, { method: "POST", path, body, projectId: world.project, date: new Date() });
      const single = await world.send("POST", path, body, signed);
      expect([single.status, single.body.replication.backup_id]).toEqual([202, image.id]);
    },
    STORY_MS,
  );
});

describe("a replication policy", () => {
  it("keeps where to and how often, is given to a vault's resources, and then stays where it goes", async () => {
    const definition = {
      retention_duration_days: 1,
      timezone: "UTC+01:00",
      destination_region: "target",
      destination_project_id: world.project,
    };
    const pattern = ["FREQ=DAILY;INTERVAL=1;BYHOUR=0,12;BYMINUTE=00"];
    const made = await world.call("POST", "/policies", {
      policy: {
        name: "offsite",
        operation_type: "replication",
        operation_definition: definition,
        trigger: { properties: { pattern } },
      },
    });
    expect(made).toMatchObject({
      status: 200,
      body: {
        policy: {
          operation_type: "replication",
          operation_definition: { destination_region: "target" },
          trigger: { properties: { pattern } },
        },
      },
    });
    const { id } = made.body.policy;
    expect(
      await world.call("POST", `/vaults/${vaults.ids.repositoryId}/associatepolicy`, { policy_id: id }),
    ).toMatchObject({ status: 200 });
    const agent = await vaults.source.db.prisma.agent.findUniqueOrThrow({ where: { id: vaults.ids.agentId } });
    expect(agent.policyId).toBe(id);
    const rule = await vaults.source.db.prisma.replicationRule.findFirstOrThrow();
    expect([rule.pairingId, rule.rpoSeconds]).toEqual([vaults.ids.pairingId, 12 * 3600]);
    const faster = await world.call("PUT", `/policies/${id}`, {
      policy: { trigger: { properties: { pattern: ["FREQ=DAILY;BYHOUR=0,6,12,18"] } } },
    });
    expect(faster.body.policy.trigger.properties.pattern).toEqual([
      "FREQ=DAILY;INTERVAL=1;BYHOUR=0,6,12,18;BYMINUTE=00",
    ]);
    const { prisma } = vaults.source.db;
    const { id: elsewhere } = await prisma.pairing.create({
      data: {
        side: "source",
        state: "established",
        peerName: "third",
        requestKeyDigest: Buffer.alloc(32),
        verificationCode: "",
      },
    });
    const moved = await world.call("PUT", `/policies/${id}`, {
      policy: { operation_definition: { ...definition, destination_region: "third" } },
    });
    expect([moved.status, moved.body.error_code]).toEqual([400, "BackupService.6003"]);
    await prisma.pairing.delete({ where: { id: elsewhere } });
  });
});

/** How many backups are in which state of their newest record. */
async function states(): Promise<Record<string, number>> {
  const { body } = await world.call("GET", `/backups?vault_id=${vaults.ids.repositoryId}&show_replication=true`);
  const counts: Record<string, number> = {};
  for (const { replication_records: records } of body.backups)
    counts[records[0].status] = (counts[records[0].status] ?? 0) + 1;
  return counts;
}
