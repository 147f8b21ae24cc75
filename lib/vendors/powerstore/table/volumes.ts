import type { Condition } from "@/lib/engine/catalog/schemas";
import { fixed, made, same, type WireResource, wordForPeople } from "./column";
import { policy } from "./rules";
import { replicationSession } from "./session";

const primary = fixed("Primary");
const ready = fixed("Ready");

/** What every object on an array's storage has, and a core has nothing to say about. */
const common = {
  type: primary,
  type_l10n: wordForPeople(primary),
  migration_session_id: fixed(null),
  metro_replication_session_id: fixed(null),
  protection_data: fixed(null),
  location_history: fixed([]),
  is_app_consistent: fixed(null),
};

export const volume: WireResource = {
  name: "volume",
  resource: "volume",
  base: {
    and: [
      { field: "agentKind", is: "eq", value: "machine" },
      { field: "removedAt", is: "null" },
      { field: "deletionAskedAt", is: "null" },
    ],
  },
  columns: {
    id: same("id"),
    name: same("name"),
    description: same("description"),
    ...common,
    wwn: made(["id"], ({ id }) => `naa.68ccf098${id.replaceAll("-", "").slice(8)}`),
    nsid: fixed(null),
    nguid: fixed(null),
    appliance_id: fixed("A1"),
    state: ready,
    state_l10n: wordForPeople(ready),
    size: same("sizeBytes"),
    logical_used: fixed(null),
    creation_timestamp: same("createdAt"),
    protection_policy_id: same("ownPolicyId"),
    performance_policy_id: fixed(null),
    is_replication_destination: same("isReplica"),
    is_host_access_available: fixed(false),
    node_affinity: fixed("System_Select_At_Attach"),
    node_affinity_l10n: fixed("System Select At Attach"),
    app_type: fixed(null),
    app_type_other: fixed(null),
    app_type_l10n: fixed(null),
  },
  joins: {
    protection_policy: { relation: "ownPolicy", many: false, to: () => policy },
    volume_groups: { relation: "groups", many: true, to: () => volumeGroup },
    replication_sessions: { relation: "ownSessions", many: true, to: () => replicationSession },
    performance_policy: { relation: null, many: false, to: () => null },
    migration_session: { relation: null, many: false, to: () => null },
    host: { relation: null, many: true, to: () => null },
    host_group: { relation: null, many: true, to: () => null },
    mapped_volumes: { relation: null, many: true, to: () => null },
    datastores: { relation: null, many: true, to: () => null },
    appliance: { relation: null, many: false, to: () => null },
  },
};

const NO_ORDER = fixed("No_Preference");

const isGroup: Condition = {
  and: [
    { field: "isSingleVolume", is: "eq", value: false },
    { field: "kind", is: "eq", value: "machine" },
    { field: "deletionAskedAt", is: "null" },
  ],
};

export const volumeGroup: WireResource = {
  name: "volume_group",
  resource: "agent",
  base: isGroup,
  columns: {
    id: same("id"),
    name: same("name"),
    description: same("description"),
    ...common,
    creation_timestamp: same("createdAt"),
    // A recovery point is all volumes of an agent.
    is_write_order_consistent: fixed(true),
    is_protectable: fixed(true),
    protection_policy_id: same("policyId"),
    placement_rule: NO_ORDER,
    placement_rule_l10n: wordForPeople(NO_ORDER),
    is_replication_destination: same("isReplica"),
    is_importing: fixed(false),
    member_type: fixed("Primary"),
    member_type_l10n: fixed("Primary"),
  },
  joins: {
    volumes: { relation: "volumes", many: true, to: () => volume },
    // Volume.volume_group_membership(…): the same by a hinted join.
    volume: { relation: "volumes", many: true, to: () => volume },
    protection_policy: { relation: "policy", many: false, to: () => policy },
    replication_sessions: { relation: "sessions", many: true, to: () => replicationSession },
    migration_session: { relation: null, many: false, to: () => null },
  },
};

/** Nothing is mapped to a host: the core keeps volumes for recovery and serves none. */
export const hostVolumeMapping: WireResource = {
  name: "host_volume_mapping",
  resource: "core",
  base: { always: false },
  columns: {
    id: same("id"),
    host_id: fixed(null),
    host_group_id: fixed(null),
    volume_id: fixed(null),
    logical_unit_number: fixed(null),
  },
  joins: {
    volume: { relation: null, many: false, to: () => volume },
  },
};
