import type { Condition } from "@/lib/engine/catalog/schemas";
import { badQuery } from "../query/refusal";
import { type Column, fixed, holds, made, same, type WireResource, wordForPeople } from "./column";
import { remoteSystem } from "./remote-system";
import { replicationSession } from "./session";
import { volume, volumeGroup } from "./volumes";
import { DAYS, INTERVAL_MINUTES, intervalWord, localized, RPO_SECONDS, rpoWord } from "./words";

const managed = {
  managed_by: fixed("User"),
  managed_by_id: fixed(null),
  managed_by_l10n: fixed("User"),
};

/** Words for ranges of a number: each stands for what lies between it and the next. */
function band(
  field: string,
  words: Readonly<Record<string, number>>,
  toWord: (value: number) => string | null,
): Column {
  const steps = Object.entries(words);
  return {
    fields: [field],
    read: (row) => (typeof row[field] === "number" ? toWord(row[field]) : null),
    filter: (comparison) => {
      if (comparison.operator === "is") return { field, is: "null" };
      return {
        or: steps.flatMap(([own, from], i): Condition[] => {
          if (!holds(own, comparison)) return [];
          const next = steps[i + 1]?.[1];
          return [
            {
              and: [
                ...(i === 0 ? [] : [{ field, is: "gte", value: from } as const]),
                ...(next === undefined ? [] : [{ field, is: "lt", value: next } as const]),
              ],
            },
          ];
        }),
      };
    },
    order: field,
  };
}

const rpo = band("rpoSeconds", RPO_SECONDS, rpoWord);

export const replicationRule: WireResource = {
  name: "replication_rule",
  resource: "replicationRule",
  columns: {
    id: same("id"),
    name: same("name"),
    rpo,
    remote_system_id: same("pairingId"),
    alert_threshold: same("alertThresholdMinutes"),
    is_read_only: same("isReadOnly"),
    is_replica: fixed(false),
    ...managed,
    rpo_l10n: wordForPeople(rpo),
  },
  joins: {
    remote_system: { relation: "pairing", many: false, to: () => remoteSystem },
    replication_sessions: { relation: "sessions", many: true, to: () => replicationSession },
    policies: { relation: "policies", many: true, to: () => policy },
  },
};

const interval = band("intervalMinutes", INTERVAL_MINUTES, intervalWord);
const days = made(["daysOfWeek"], (row) => dayWords(row.daysOfWeek));
const timeZone: Column = {
  fields: ["timeZone"],
  read: (row) => toTimeZoneWord(String(row.timeZone)),
  filter: ({ operator, values }) => {
    if (operator !== "eq" && operator !== "neq" && operator !== "in")
      throw badQuery("A time zone is compared by eq, neq or in.");
    const zones = values.map(fromTimeZoneWord);
    const among: Condition = { field: "timeZone", is: "in", values: zones };
    return operator === "neq" ? { not: among } : among;
  },
  order: "timeZone",
};

export const snapshotRule: WireResource = {
  name: "snapshot_rule",
  resource: "snapshotRule",
  columns: {
    id: same("id"),
    name: same("name"),
    interval,
    time_of_day: same("timeOfDay"),
    timezone: timeZone,
    days_of_week: days,
    desired_retention: same("retentionHours"),
    is_replica: fixed(false),
    nas_access_type: fixed("Protocol"),
    is_read_only: same("isReadOnly"),
    is_secure: fixed(false),
    ...managed,
    interval_l10n: wordForPeople(interval),
    timezone_l10n: made(["timeZone"], (row) => row.timeZone),
    days_of_week_l10n: days,
    nas_access_type_l10n: fixed("Protocol"),
  },
  joins: {
    policies: { relation: "policies", many: true, to: () => policy },
  },
};

/** No day named is every day there, too; this API names them. */
function dayWords(numbers: unknown): string[] {
  const given = Array.isArray(numbers) && numbers.length > 0 ? numbers.map(Number) : [1, 2, 3, 4, 5, 6, 7];
  return given.flatMap((number) => DAYS[number - 1] ?? []);
}

/** "Europe/Berlin" is Europe__Berlin there, "Etc/GMT+2" is Etc__GMT_plus_2. */
export const toTimeZoneWord = (zone: string) =>
  zone.replace(/GMT\+/, "GMT_plus_").replace(/GMT-/, "GMT_minus_").replaceAll("/", "__");

export const fromTimeZoneWord = (text: string) =>
  text.replace("GMT_plus_", "GMT+").replace("GMT_minus_", "GMT-").replaceAll("__", "/");

const type = fixed("Protection");
const nothing = { relation: null, many: true, to: () => null };

export const policy: WireResource = {
  name: "policy",
  resource: "policy",
  columns: {
    id: same("id"),
    name: same("name"),
    description: same("description"),
    type,
    is_read_only: same("isReadOnly"),
    is_replica: same("isReplica"),
    ...managed,
    type_l10n: made([], () => localized("Protection")),
  },
  joins: {
    snapshot_rules: { relation: "snapshotRules", many: true, to: () => snapshotRule },
    replication_rules: { relation: "replicationRules", many: true, to: () => replicationRule },
    volumes: { relation: "volumes", many: true, to: () => volume },
    volume_groups: { relation: "groups", many: true, to: () => volumeGroup },
    virtual_machines: nothing,
    virtual_volumes: nothing,
    nas_servers: nothing,
    file_systems: nothing,
    performance_rules: nothing,
    replication_groups: nothing,
  },
};
