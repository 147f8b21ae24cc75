import type { CatalogRow } from "@/lib/engine/catalog/schemas";
import { type Column, fixed, flagWord, made, same, type WireResource, word, wordForPeople } from "./column";
import { remoteSystem } from "./remote-system";
import { replicationRule } from "./rules";
import { volume, volumeGroup } from "./volumes";
import { DATA_TRANSFER_STATES, ROLES, SESSION_STATES } from "./words";

const state = word("state", SESSION_STATES);
const role = word("role", ROLES);
const resourceType = flagWord("isSingleVolume", "volume", "volume_group");
const transfer = word("state", DATA_TRANSFER_STATES);
const link: Column = flagWord("isLinkDown", "Complete_Data_Connection_Loss", "OK");
const type = fixed("Asynchronous");
const resourceState = fixed("System_Defined");

/** Of the run that goes on; only the side that sends knows it. */
function progress(row: CatalogRow): number | null {
  const running = row.runState === "running" || row.runState === "queued";
  if (row.role !== "source" || !running) return null;
  const [done, total] = [Number(row.runBytesDone ?? 0), Number(row.runBytesTotal ?? 0)];
  return total === 0 ? 0 : Math.min(100, Math.floor((done * 100) / total));
}

/** Every volume with its counterpart, which has the same id on the other core. */
const storageElementPairs = made(
  [],
  (row) =>
    (row.volumes as CatalogRow[]).map(({ id }) => ({
      local_storage_element_id: id,
      remote_storage_element_id: id,
      storage_element_type: "volume",
      replication_shadow_id: null,
    })),
  [{ name: "volumes", fields: ["id"] }],
);

export const replicationSession: WireResource = {
  name: "replication_session",
  resource: "session",
  // One whose pairing is over stands for history; this API knows none of it.
  base: { field: "state", is: "neq", value: "ended" },
  columns: {
    id: same("id"),
    state,
    role,
    resource_type: resourceType,
    data_transfer_state: transfer,
    type,
    last_sync_timestamp: same("lastSuccessAt"),
    local_resource_id: same("subjectId"),
    // An agent and its volumes have the same ids on both cores.
    remote_resource_id: same("subjectId"),
    remote_system_id: same("pairingId"),
    progress_percentage: made(["role", "runState", "runBytesDone", "runBytesTotal"], progress),
    estimated_completion_timestamp: made(["role", "runState", "runEtaSeconds"], (row, { now }) =>
      row.role === "source" && row.runState === "running" && typeof row.runEtaSeconds === "number"
        ? new Date(now.getTime() + row.runEtaSeconds * 1000).toISOString()
        : null,
    ),
    replication_rule_id: same("replicationRuleId"),
    last_sync_duration: same("lastSyncMs"),
    next_sync_timestamp: same("nextRunAt"),
    storage_element_pairs: storageElementPairs,
    failover_test_in_progress: same("isTestRunning"),
    error_code: same("failureCode"),
    data_connection_state: link,
    parent_replication_session_id: fixed(null),
    local_resource_state: resourceState,
    witness_details: fixed(null),
    state_l10n: wordForPeople(state),
    role_l10n: wordForPeople(role),
    resource_type_l10n: wordForPeople(resourceType),
    data_transfer_state_l10n: wordForPeople(transfer),
    type_l10n: wordForPeople(type),
    data_connection_state_l10n: wordForPeople(link),
    local_resource_state_l10n: wordForPeople(resourceState),
  },
  joins: {
    remote_system: { relation: "pairing", many: false, to: () => remoteSystem },
    replication_rule: { relation: "replicationRule", many: false, to: () => replicationRule },
    volumes: { relation: "singleVolumes", many: true, to: () => volume },
    volume_groups: { relation: "groups", many: true, to: () => volumeGroup },
    migration_session: { relation: null, many: false, to: () => null },
  },
};

/** Groups of sessions of a metro or NAS replication: there are none. */
export const replicationGroup: WireResource = {
  name: "replication_group",
  resource: "core",
  base: { always: false },
  columns: { id: same("id"), name: same("name"), description: fixed(null) },
  joins: {
    replication_session: { relation: null, many: false, to: () => replicationSession },
    volumes: { relation: null, many: true, to: () => volume },
  },
};
