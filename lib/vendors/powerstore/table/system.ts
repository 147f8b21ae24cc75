import { type Column, fixed, made, same, type WireResource, word, wordForPeople } from "./column";
import { JOB_PHASES, JOB_STATES, localized } from "./words";

/** The release whose API this door speaks; clients choose their field lists by it. */
const RELEASE = "4.0.0.0";

export const softwareInstalled: WireResource = {
  name: "software_installed",
  resource: "core",
  columns: {
    id: fixed("1"),
    is_cluster: fixed(true),
    release_version: fixed(RELEASE),
    build_version: fixed(RELEASE),
    build_id: fixed(RELEASE),
    build_flavor: fixed("Retail"),
    release_timestamp: fixed(null),
    installed_date: same("createdAt"),
    languages: fixed(["English"]),
  },
  joins: { appliance: { relation: null, many: false, to: () => null } },
};

const configured = fixed("Configured");

export const cluster: WireResource = {
  name: "cluster",
  resource: "core",
  columns: {
    id: fixed("0"),
    global_id: same("id"),
    name: same("name"),
    management_address: made([], (_, { host }) => host),
    storage_discovery_address: fixed(null),
    master_appliance_id: fixed("A1"),
    appliance_count: fixed(1),
    physical_mtu: fixed(1500),
    is_encryption_enabled: fixed(false),
    compatibility_level: fixed(15),
    state: configured,
    state_l10n: wordForPeople(configured),
    system_time: made([], (_, { now }) => now.toISOString()),
    chap_mode: fixed("Disabled"),
    chap_mode_l10n: fixed("Disabled"),
  },
  joins: {},
};

const state = word("state", JOB_STATES);
const phase = word("state", JOB_PHASES);
const people = (field: string): Column => made([field], (row) => localized(String(row[field])));

export const job: WireResource = {
  name: "job",
  resource: "vendorJob",
  base: { field: "door", is: "eq", value: "powerstore" },
  columns: {
    id: same("id"),
    resource_action: same("action"),
    resource_type: same("resourceType"),
    resource_id: same("resourceId"),
    resource_name: same("resourceName"),
    description_l10n: made(["action", "resourceType", "resourceName"], (row) =>
      `${localized(String(row.action))} ${localized(String(row.resourceType))} ${String(row.resourceName)}`.trim(),
    ),
    state,
    phase,
    start_time: same("createdAt"),
    end_time: same("endedAt"),
    estimated_completion_time: fixed(null),
    progress_percentage: made(["endedAt"], (row) => (row.endedAt === null ? 0 : 100)),
    parent_id: fixed(null),
    root_id: same("id"),
    user: same("accountEmail"),
    response_body: made(["responseBody"], (row) => row.responseBody ?? null),
    response_status: made(["responseStatus"], (row) => row.responseStatus ?? null),
    step_order: fixed(0),
    resource_action_l10n: people("action"),
    resource_type_l10n: people("resourceType"),
    state_l10n: wordForPeople(phase),
    phase_l10n: wordForPeople(phase),
  },
  joins: {},
};
