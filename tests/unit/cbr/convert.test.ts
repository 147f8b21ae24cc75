import { describe, expect, it } from "vitest";
import type { RepositoryHolding } from "@/lib/engine/repositories/schemas";
import type { VolumeImageReport } from "@/lib/engine/volume-images/schemas";
import { toBackup, toImageStates } from "@/lib/vendors/cbr/convert/backup";
import { toOperationKinds, toOperationLog, toOperationStates } from "@/lib/vendors/cbr/convert/operation-log";
import { longestGapSeconds, readPattern, writeInterval, writePattern } from "@/lib/vendors/cbr/convert/pattern";
import { toPlanWork, toPolicy } from "@/lib/vendors/cbr/convert/policy";
import { toVault } from "@/lib/vendors/cbr/convert/vault";
import { CbrId, QueryTime } from "@/lib/vendors/cbr/values";

const id = (digit: string) =>
  `${digit.repeat(8)}-${digit.repeat(4)}-4${digit.repeat(3)}-8${digit.repeat(3)}-${digit.repeat(12)}`;
const tenantId = id("f");
const project = tenantId.replaceAll("-", "");

const image: VolumeImageReport = {
  id: id("1"),
  name: "mail 7",
  kind: "image",
  state: "available",
  sizeBytes: 40 * 1024 ** 3 - 1,
  recoveryPointId: id("2"),
  siblings: 1,
  sequence: 7,
  origin: "scheduled",
  locked: false,
  createdAt: "2026-05-10T07:59:12.037Z",
  committedAt: "2026-05-10T08:00:00.000Z",
  expiresAt: null,
  lostReason: null,
  volume: { id: id("3"), name: "disk" },
  agent: { id: id("4"), name: "mail" },
  tenantId,
  repositoryId: id("5"),
  isReplica: false,
};

const holding: RepositoryHolding = {
  id: id("5"),
  name: "vault",
  description: "said",
  path: "/vaults/5",
  createdAt: "2026-05-10T07:59:12.037Z",
  syncedAt: null,
  isOutOfSync: false,
  storedBytes: 1024 ** 2 + 1,
  freeBytes: 5,
  totalBytes: 10 * 1024 ** 3,
  reachable: true,
  holdsReplicas: false,
  agents: [
    {
      id: id("4"),
      name: "mail",
      isReplica: false,
      policyId: null,
      state: "capturing",
      recoveryPoints: 7,
      storedBytes: 1024 ** 2,
      protectedBytes: 40 * 1024 ** 3,
    },
  ],
};

describe("what the engine has, as the published shapes have it", () => {
  it("a volume image is a backup", () => {
    expect(toBackup(image, null)).toMatchInlineSnapshot(`
      {
        "checkpoint_id": "22222222-2222-4222-8222-222222222222",
        "children": [],
        "created_at": "2026-05-10T07:59:12.037+00:00",
        "description": "",
        "enterprise_project_id": "0",
        "expired_at": null,
        "extend_info": {
          "auto_trigger": true,
          "bootable": false,
          "contain_system_disk": false,
          "encrypted": false,
          "incremental": true,
          "is_multi_az": false,
          "os_images_data": [],
          "snapshot_id": "22222222-2222-4222-8222-222222222222",
          "support_lld": false,
          "supported_restore_mode": "backup",
          "system_disk": false,
        },
        "id": "11111111-1111-4111-8111-111111111111",
        "image_type": "backup",
        "incremental": true,
        "name": "mail 7",
        "parent_id": null,
        "project_id": "ffffffffffff4fff8fffffffffffffff",
        "protected_at": "2026-05-10T07:59:12.037+00:00",
        "provider_id": "d1603440-187d-4516-af25-121250c7cc97",
        "resource_az": null,
        "resource_id": "33333333-3333-4333-8333-333333333333",
        "resource_name": "disk",
        "resource_size": 40,
        "resource_type": "OS::Cinder::Volume",
        "status": "available",
        "updated_at": "2026-05-10T08:00:00.000+00:00",
        "vault_id": "55555555-5555-4555-8555-555555555555",
        "version": 7,
      }
    `);
  });

  it("a repository is a vault", () => {
    expect(toVault(holding, tenantId)).toMatchInlineSnapshot(`
      {
        "auto_bind": false,
        "auto_expand": false,
        "billing": {
          "allocated": 40960,
          "charging_mode": "post_paid",
          "cloud_type": "public",
          "consistent_level": "crash_consistent",
          "frozen_scene": null,
          "object_type": "server",
          "order_id": null,
          "product_id": null,
          "protect_type": "backup",
          "size": 10,
          "spec_code": "vault.backup.server.normal",
          "status": "available",
          "storage_unit": "GB",
          "used": 2,
        },
        "bind_rules": {
          "tags": [],
        },
        "created_at": "2026-05-10T07:59:12.037+00:00",
        "description": "said",
        "enterprise_project_id": "0",
        "id": "55555555-5555-4555-8555-555555555555",
        "locked": false,
        "name": "vault",
        "project_id": "ffffffffffff4fff8fffffffffffffff",
        "provider_id": "0daac4c5-6707-4851-97ba-169e36266b66",
        "resources": [
          {
            "backup_count": 7,
            "backup_size": 1,
            "extra_info": {
              "exclude_volumes": [],
              "include_volumes": [],
            },
            "id": "44444444-4444-4444-8444-444444444444",
            "name": "mail",
            "protect_status": "protecting",
            "size": 40,
            "type": "OS::Nova::Server",
          },
        ],
        "smn_notify": false,
        "tags": [],
        "threshold": 80,
        "user_id": "",
      }
    `);
    expect(toVault({ ...holding, reachable: false, holdsReplicas: true }, tenantId).billing).toMatchObject({
      status: "error",
      protect_type: "replication",
    });
  });

  it("a lost image is an error, one on its way out is deleting, a folder is a file share", () => {
    expect(toBackup({ ...image, state: "lost" }, []).status).toBe("error");
    expect(toBackup({ ...image, state: "deleting" }, []).status).toBe("deleting");
    expect(toBackup({ ...image, kind: "folder" }, []).resource_type).toBe("OS::Sfs::Turbo");
    expect(toImageStates(["available", "error"])).toEqual(["available", "lost"]);
    expect(toImageStates(["protecting"])).toEqual([]);
  });

  it("a replication is a task", () => {
    const log = toOperationLog(
      {
        id: id("6"),
        kind: "replicate-image",
        state: "failed",
        tenantId,
        repository: { id: id("5"), name: "vault" },
        agent: { id: id("4"), name: "mail" },
        recoveryPointId: id("2"),
        image: { id: id("1"), volumeName: "disk" },
        progressPercent: 40,
        failure: { code: "unavailable", message: "it does not answer" },
        destination: { coreId: null, coreName: "eu-nl", repositoryId: id("7") },
        counts: { added: 0, removed: 0, failed: 0 },
        createdAt: "2026-05-10T07:59:12.037Z",
        startedAt: null,
        updatedAt: "2026-05-10T07:59:13.000Z",
        endedAt: null,
      },
      tenantId,
      "eu-de",
    );
    expect(log).toMatchInlineSnapshot(`
      {
        "checkpoint_id": "22222222-2222-4222-8222-222222222222",
        "created_at": "2026-05-10T07:59:12.037+00:00",
        "ended_at": null,
        "error_info": {
          "code": "unavailable",
          "message": "it does not answer",
        },
        "extra_info": {
          "common": {
            "progress": 40,
            "request_id": "66666666-6666-4666-8666-666666666666",
            "task_id": "66666666-6666-4666-8666-666666666666",
          },
          "replication": {
            "destination_backup_id": "11111111-1111-4111-8111-111111111111",
            "destination_backup_name": "disk",
            "destination_checkpoint_id": "22222222-2222-4222-8222-222222222222",
            "destination_project_id": null,
            "destination_region": "eu-nl",
            "source_backup_id": "11111111-1111-4111-8111-111111111111",
            "source_backup_name": "disk",
            "source_checkpoint_id": "22222222-2222-4222-8222-222222222222",
            "source_project_id": "ffffffffffff4fff8fffffffffffffff",
            "source_region": "eu-de",
          },
          "resource": {
            "id": "44444444-4444-4444-8444-444444444444",
            "name": "mail",
            "type": "OS::Nova::Server",
          },
        },
        "id": "66666666-6666-4666-8666-666666666666",
        "operation_type": "replication",
        "policy_id": null,
        "project_id": "ffffffffffff4fff8fffffffffffffff",
        "provider_id": "d1603440-187d-4516-af25-121250c7cc97",
        "started_at": null,
        "status": "failed",
        "updated_at": "2026-05-10T07:59:13.000+00:00",
        "vault_id": "55555555-5555-4555-8555-555555555555",
        "vault_name": "vault",
      }
    `);
    expect(toOperationKinds("remove_resource")).toEqual(["delete-agent"]);
    expect(toOperationKinds("migrate")).toEqual([]);
    expect(toOperationStates(["success", "failed"])).toEqual(["succeeded", "failed", "cancelled"]);
    expect(toOperationStates(["timeout"])).toEqual([]);
  });
});

describe("ids and times", () => {
  it("ids are read with and without hyphens, in any letter case", () => {
    expect(CbrId.parse(project.toUpperCase())).toBe(tenantId);
    expect(CbrId.parse(tenantId)).toBe(tenantId);
    for (const text of ["", "x", project.slice(1), `${project}0`, `-${project.slice(1)}`])
      expect(CbrId.safeParse(text).success).toBe(false);
  });

  it("times of queries are read with a zone, without one as UTC, and nothing else is", () => {
    expect(QueryTime.parse("2018-02-01T12:00:00Z").toISOString()).toBe("2018-02-01T12:00:00.000Z");
    expect(QueryTime.parse("2018-02-01T12:00:00.5").toISOString()).toBe("2018-02-01T12:00:00.500Z");
    expect(QueryTime.parse("2018-02-01 12:00:00+01:00").toISOString()).toBe("2018-02-01T11:00:00.000Z");
    expect(QueryTime.parse("2018-02-01").toISOString()).toBe("2018-02-01T00:00:00.000Z");
    for (const text of ["today", "2018-13-40T99:00:00Z", "1517486400"])
      expect(QueryTime.safeParse(text).success).toBe(false);
  });
});

describe("patterns of policies", () => {
  it.each([
    ["FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=14;BYMINUTE=00", [{ timeOfDay: "14:00", daysOfWeek: [] }]],
    ["FREQ=WEEKLY;BYDAY=SU,MO;BYHOUR=6;BYMINUTE=05", [{ timeOfDay: "06:05", daysOfWeek: [1, 7] }]],
    [
      "FREQ=DAILY;INTERVAL=1;BYHOUR=0,12;BYMINUTE=30",
      [
        { timeOfDay: "00:30", daysOfWeek: [] },
        { timeOfDay: "12:30", daysOfWeek: [] },
      ],
    ],
  ])("%s names its times", (pattern, slots) => {
    expect(readPattern(pattern)).toEqual(slots);
    expect(slots.map(writePattern).flatMap(readPattern)).toEqual(slots);
  });

  it.each([
    "",
    "FREQ=MONTHLY",
    "FREQ=DAILY;INTERVAL=2;BYHOUR=1",
    "FREQ=DAILY;BYHOUR=24",
    "FREQ=DAILY;BYMINUTE=x",
    "FREQ=WEEKLY;BYDAY=XX",
    "FREQ=DAILY;COUNT=3",
  ])("%s is refused", (pattern) => {
    expect(() => readPattern(pattern)).toThrow();
  });

  it("the longest gap is that of the week, over its end", () => {
    const gap = (...patterns: string[]) => longestGapSeconds(patterns.flatMap(readPattern));
    expect(gap("FREQ=DAILY;BYHOUR=14")).toBe(24 * 3600);
    expect(gap("FREQ=DAILY;BYHOUR=0,6,12,18")).toBe(6 * 3600);
    expect(gap("FREQ=WEEKLY;BYDAY=MO;BYHOUR=1")).toBe(7 * 24 * 3600);
    expect(gap("FREQ=WEEKLY;BYDAY=MO,TU;BYHOUR=1")).toBe(6 * 24 * 3600);
  });

  it("an interval is told by its hours, and read back as the same gap", () => {
    for (const hours of [1, 2, 3, 6, 12, 24])
      expect(longestGapSeconds(readPattern(writeInterval(hours * 60)))).toBe(hours * 3600);
    expect(longestGapSeconds(readPattern(writeInterval(7 * 24 * 60)))).toBe(7 * 24 * 3600);
    expect(writeInterval(15)).toBe(writeInterval(60));
  });
});

describe("policies", () => {
  const definition = {
    day_backups: 0,
    week_backups: 0,
    month_backups: 0,
    year_backups: 0,
    max_backups: undefined,
    retention_duration_days: 1,
    timezone: "UTC+08:00",
  } as const;

  it("gophertelekomcloud's example becomes a plan and comes back as it went", () => {
    const pattern = "FREQ=WEEKLY;BYDAY=MO,FR;BYHOUR=14;BYMINUTE=00";
    const work = toPlanWork(
      { ...definition, destination_region: undefined, destination_project_id: undefined },
      [pattern],
      null,
    );
    expect(work).toEqual({
      kind: "capture",
      schedules: [{ timeOfDay: "14:00", daysOfWeek: [1, 5] }],
      retentionHours: 24,
      retentionCount: null,
    });
    const told = toPolicy({
      id: id("8"),
      name: "policy001",
      kind: "capture",
      replication: null,
      repositoryIds: [id("5")],
      createdAt: "2026-05-10T07:59:12.037Z",
      snapshotRules: [
        {
          intervalMinutes: null,
          timeOfDay: "14:00",
          daysOfWeek: [1, 5],
          timeZone: "UTC",
          retentionHours: 24,
          retentionCount: null,
        },
      ],
    });
    expect(told).toMatchInlineSnapshot(`
      {
        "associated_vaults": [
          {
            "destination_vault_id": null,
            "vault_id": "55555555-5555-4555-8555-555555555555",
          },
        ],
        "enabled": true,
        "id": "88888888-8888-4888-8888-888888888888",
        "name": "policy001",
        "operation_definition": {
          "day_backups": 0,
          "max_backups": -1,
          "month_backups": 0,
          "retention_duration_days": 1,
          "timezone": "UTC+00:00",
          "week_backups": 0,
          "year_backups": 0,
        },
        "operation_type": "backup",
        "trigger": {
          "id": "88888888-8888-4888-8888-888888888888",
          "name": "default",
          "properties": {
            "pattern": [
              "FREQ=WEEKLY;BYDAY=MO,FR;BYHOUR=14;BYMINUTE=00",
            ],
            "start_time": "2026-05-10T07:59:12.037+00:00",
          },
          "type": "time",
        },
      }
    `);
  });

  it("long-term retention, which nothing here follows, is refused instead of dropped", () => {
    expect(() =>
      toPlanWork(
        { ...definition, year_backups: 1, destination_region: undefined, destination_project_id: undefined },
        ["FREQ=DAILY"],
        null,
      ),
    ).toThrow(/year_backups/);
  });
});
