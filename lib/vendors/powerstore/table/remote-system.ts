import type { CatalogRow } from "@/lib/engine/catalog/schemas";
import { badQuery } from "../query/refusal";
import { type Column, fixed, flagWord, holds, made, same, type WireResource, wordForPeople } from "./column";
import { replicationRule } from "./rules";
import { replicationSession } from "./session";
import { localized } from "./words";

/** A request that nobody over there has answered yet waits for somebody, as one that needs an update does. */
const PENDING = "Update_Needed";
const SILENT = "Management_Connection_Lost";

const toState = (row: CatalogRow) => (row.state === "pending" ? PENDING : row.isLinkDown === true ? SILENT : "OK");

const state: Column = {
  fields: ["state", "isLinkDown"],
  read: toState,
  filter: (comparison) => ({
    or: [
      { and: [{ always: holds(PENDING, comparison) }, { field: "state", is: "eq", value: "pending" }] },
      {
        and: [
          { field: "state", is: "neq", value: "pending" },
          {
            or: [
              { and: [{ always: holds(SILENT, comparison) }, { field: "isLinkDown", is: "eq", value: true }] },
              { and: [{ always: holds("OK", comparison) }, { field: "isLinkDown", is: "eq", value: false }] },
            ],
          },
        ],
      },
    ],
  }),
};

const link = flagWord("isLinkDown", "Complete_Data_Connection_Loss", "OK");
const type = fixed("PowerStore");
const latency = fixed("Low");
const capabilities = ["Asynchronous_Block_Replication"];

export const remoteSystem: WireResource = {
  name: "remote_system",
  resource: "pairing",
  // What was refused or is over is no system of anybody; a request that came from over there is nobody's choice here.
  base: {
    or: [
      { field: "state", is: "eq", value: "established" },
      {
        and: [
          { field: "state", is: "eq", value: "pending" },
          { field: "side", is: "eq", value: "source" },
        ],
      },
    ],
  },
  columns: {
    id: same("id"),
    name: same("name"),
    description: same("description"),
    serial_number: same("peerCoreId"),
    version: same("peerVersion"),
    management_address: same("host"),
    type,
    user_name: fixed(null),
    state,
    data_connection_type: fixed("TCP"),
    data_connection_state: link,
    iscsi_addresses: fixed([]),
    discovery_chap_mode: fixed("Disabled"),
    session_chap_mode: fixed("Disabled"),
    data_network_latency: latency,
    data_connections: fixed([]),
    capabilities: {
      read: () => capabilities,
      filter: ({ operator, values }) => {
        if (operator === "cs") return { always: values.every((value) => capabilities.includes(value)) };
        if (operator === "cd") return { always: capabilities.every((value) => values.includes(value)) };
        throw badQuery("A list is asked what it contains: cs.{…}, cd.{…}.");
      },
      order: null,
    },
    type_l10n: wordForPeople(type),
    state_l10n: wordForPeople(state),
    data_connection_type_l10n: fixed("TCP"),
    data_connection_state_l10n: wordForPeople(link),
    data_network_latency_l10n: wordForPeople(latency),
    discovery_chap_mode_l10n: fixed("Disabled"),
    session_chap_mode_l10n: fixed("Disabled"),
    capabilities_l10n: made([], () => capabilities.map(localized)),
  },
  joins: {
    replication_sessions: { relation: "sessions", many: true, to: () => replicationSession },
    replication_rules: { relation: "replicationRules", many: true, to: () => replicationRule },
    import_sessions: { relation: null, many: true, to: () => null },
  },
};
