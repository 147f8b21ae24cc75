import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import type { CatalogRow } from "@/lib/engine/catalog/schemas";
import { SessionState } from "@/lib/engine/sessions/schemas";
import { parseFilters } from "@/lib/vendors/powerstore/query/filter";
import { toCondition, toOrder, toWire, wantedOf } from "@/lib/vendors/powerstore/query/plan";
import { parseSelect } from "@/lib/vendors/powerstore/query/select";
import { isLike } from "@/lib/vendors/powerstore/table/column";
import { remoteSystem } from "@/lib/vendors/powerstore/table/remote-system";
import {
  fromTimeZoneWord,
  policy,
  replicationRule,
  snapshotRule,
  toTimeZoneWord,
} from "@/lib/vendors/powerstore/table/rules";
import { replicationSession } from "@/lib/vendors/powerstore/table/session";
import { cluster, job, softwareInstalled } from "@/lib/vendors/powerstore/table/system";
import { volume, volumeGroup } from "@/lib/vendors/powerstore/table/volumes";
import { RPO_SECONDS, rpoWord, SESSION_STATES } from "@/lib/vendors/powerstore/table/words";

const AROUND = { now: new Date("2026-01-02T03:04:05.678Z"), host: "core.example" };
const id = (n: number) => `01900000-0000-7000-8000-${String(n).padStart(12, "0")}`;
const AT = "2026-01-01T10:00:00.000Z";

const ROWS = {
  session: {
    id: id(1),
    role: "source",
    state: "synchronizing",
    isSingleVolume: false,
    subjectId: id(2),
    pairingId: id(3),
    replicationRuleId: id(4),
    lastSuccessAt: AT,
    lastSyncMs: 1234,
    nextRunAt: null,
    isTestRunning: false,
    failureCode: null,
    isLinkDown: false,
    runState: "running",
    runBytesDone: 1_500,
    runBytesTotal: 4_000,
    runEtaSeconds: 60,
    volumes: [{ id: id(5) }, { id: id(6) }],
    singleVolumes: [],
    groups: [{ id: id(2), name: "vg" }],
    pairing: { id: id(3), name: "far", state: "established", isLinkDown: false },
    replicationRule: { id: id(4), name: "rule", rpoSeconds: 900 },
  },
  rule: {
    id: id(4),
    name: "rule",
    rpoSeconds: 900,
    pairingId: id(3),
    alertThresholdMinutes: 15,
    isReadOnly: false,
    policies: [{ id: id(7), name: "Gold" }],
  },
  snapshotRule: {
    id: id(8),
    name: "nightly",
    intervalMinutes: null,
    timeOfDay: "02:30",
    timeZone: "Europe/Berlin",
    daysOfWeek: [1, 7],
    retentionHours: 72,
    isReadOnly: false,
  },
  policy: {
    id: id(7),
    name: "Gold",
    description: "",
    isReadOnly: false,
    isReplica: true,
    replicationRules: [{ id: id(4), name: "rule" }],
    snapshotRules: [],
    volumes: [],
    groups: [{ id: id(2), name: "vg" }],
  },
  pairing: {
    id: id(3),
    name: "far",
    description: "second site",
    state: "established",
    side: "source",
    peerCoreId: id(9),
    peerVersion: "1.2.3",
    host: "far.example",
    isLinkDown: true,
  },
  volume: {
    id: id(5),
    name: "data",
    description: "",
    sizeBytes: 1_048_576,
    createdAt: AT,
    ownPolicyId: null,
    isReplica: false,
    groups: [{ id: id(2), name: "vg", policyId: id(7) }],
    ownPolicy: null,
  },
  agent: {
    id: id(2),
    name: "vg",
    description: "",
    createdAt: AT,
    policyId: id(7),
    isReplica: false,
    volumes: [{ id: id(5), name: "data" }],
    policy: { id: id(7), name: "Gold" },
  },
  core: { id: id(10), name: "here", createdAt: AT },
  job: {
    id: id(11),
    action: "delete",
    resourceType: "remote_system",
    resourceId: id(3),
    resourceName: "far",
    state: "succeeded",
    createdAt: AT,
    endedAt: AT,
    accountEmail: "anna@example.com",
    responseBody: null,
    responseStatus: 204,
  },
} satisfies Record<string, CatalogRow>;

/** What each resource tells of a row, for the selects of the vendor's clients. */
const CASES = {
  replication_session: [
    replicationSession,
    ROWS.session,
    "*,remote_system(id,name),migration_session(id,name),replication_rule(id,name,rpo),volumes,volume_groups(id,name)",
  ],
  replication_rule: [replicationRule, ROWS.rule, "*,id,name,policies(id,name),policies"],
  snapshot_rule: [snapshotRule, ROWS.snapshotRule, "*"],
  policy: [
    policy,
    ROWS.policy,
    "*,replication_rules(*),snapshot_rules(id),virtual_machines(*),volumes(*),volume_groups(id,name)",
  ],
  remote_system: [remoteSystem, ROWS.pairing, "*"],
  volume: [
    volume,
    ROWS.volume,
    "*,volume_groups(id,name,protection_policy_id),protection_policy(name,id),host(name,id)",
  ],
  volume_group: [
    volumeGroup,
    ROWS.agent,
    "*,volumes(id,name),volume.volume_group_membership(id),protection_policy(id,name)",
  ],
  software_installed: [softwareInstalled, ROWS.core, "*"],
  cluster: [cluster, ROWS.core, "*"],
  job: [job, ROWS.job, "*"],
} as const;

const golden = JSON.parse(readFileSync(path.join(import.meta.dirname, "golden", "resources.json"), "utf8"));

describe("a resource", () => {
  it.each(Object.keys(CASES) as (keyof typeof CASES)[])("%s is told as the golden file says", (name) => {
    const [resource, row, select] = CASES[name];
    expect(toWire(resource, parseSelect(select), row, AROUND)).toEqual(golden[name]);
  });

  it("tells nothing but what was selected, and passes over names of other versions", () => {
    const shown = toWire(
      replicationSession,
      parseSelect("id,flux_capacitor,nested_thing(id),__proto__,constructor"),
      ROWS.session,
      AROUND,
    );
    expect(shown).toEqual({ id: id(1) });
    expect(wantedOf(replicationSession, parseSelect("flux_capacitor"))).toEqual({ fields: ["id"], relations: [] });
  });

  it("asks for a relation once, however many names lead to it", () => {
    expect(wantedOf(volumeGroup, parseSelect("volumes(id,name),volume.membership(size)"))).toEqual({
      fields: ["id"],
      relations: [{ name: "volumes", fields: ["id", "name", "sizeBytes"], relations: [] }],
    });
  });
});

describe("the words of states", () => {
  it("are one for each state of the engine, and lead back to it", () => {
    for (const state of SessionState.options) {
      const wire = SESSION_STATES[state];
      const condition = toCondition(replicationSession, { property: "state", operator: "eq", values: [wire] });
      expect(condition).toEqual({ field: "state", is: "in", values: [state] });
    }
  });

  it("filter by what clients see", () => {
    const of = (value: string) => toCondition(replicationSession, parseFilters([["state", value]]) ?? { and: [] });
    expect(of("ilike.*paused")).toEqual({ and: [{ field: "state", is: "in", values: ["paused", "system_paused"] }] });
    expect(of("eq.Fractured")).toEqual({ and: [{ field: "state", is: "in", values: [] }] });
    expect(of("not.in.(OK,Paused)")).toEqual({
      and: [{ not: { field: "state", is: "in", values: ["ok", "paused"] } }],
    });
  });

  it("tell no looser RPO than the one that holds", () => {
    for (const [word, seconds] of Object.entries(RPO_SECONDS)) expect(rpoWord(seconds)).toBe(word);
    expect(rpoWord(7_200)).toBe("One_Hour");
    expect(rpoWord(60)).toBe("Five_Minutes");
    expect(toCondition(replicationRule, { property: "rpo", operator: "eq", values: ["One_Hour"] })).toEqual({
      or: [
        {
          and: [
            { field: "rpoSeconds", is: "gte", value: 3_600 },
            { field: "rpoSeconds", is: "lt", value: 21_600 },
          ],
        },
      ],
    });
  });

  it("name time zones back and forth", () => {
    for (const zone of ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+2", "Etc/GMT-10"])
      expect(fromTimeZoneWord(toTimeZoneWord(zone))).toBe(zone);
    expect(toTimeZoneWord("Etc/GMT+2")).toBe("Etc__GMT_plus_2");
  });
});

describe("a filter or order", () => {
  it("by what is the same for all rows is decided without asking", () => {
    const of = (value: string) =>
      toCondition(replicationSession, { property: "type", operator: "eq", values: [value] });
    expect(of("Asynchronous")).toEqual({ always: true });
    expect(of("Synchronous")).toEqual({ always: false });
    expect(toOrder(replicationSession, [{ property: "type", direction: "asc" }])).toEqual([]);
  });

  it("by a property that is none, or has no order, is refused", () => {
    for (const property of ["flux", "constructor", "storage_element_pairs"])
      expect(() => toCondition(replicationSession, { property, operator: "eq", values: [""] })).toThrowError(
        expect.objectContaining({ code: "invalid_input" }),
      );
    expect(() => toOrder(replicationSession, [{ property: "progress_percentage", direction: "asc" }])).toThrow();
  });

  it("takes * and % for any text and everything else for itself", () => {
    expect(toCondition(volume, { property: "name", operator: "ilike", values: ["*a_b%\\"] })).toEqual({
      field: "name",
      is: "ilike",
      value: "%a\\_b%\\\\",
    });
    for (const [text, pattern, like] of [
      ["Synchronizing", "sync*", true],
      ["Synchronizing", "*ZING", true],
      ["Synchronizing", "*chron*z*", true],
      ["Synchronizing", "sync", false],
      ["ab", "ab*b", false],
      ["", "*", true],
      ["aaaa", `${"*a".repeat(50)}`, false],
    ] as const)
      expect(isLike(text, pattern), `${text} ~ ${pattern}`).toBe(like);
  });
});
