import {
  ReplicationSettings,
  SetThrottleInput,
  ThrottleReport,
  UpdateReplicationSettingsInput,
} from "@/lib/engine/replication-settings/schemas";
import { everyone, Nothing, operators, row } from "./row";

export const replicationSettingsContract = {
  getReplicationSettings: row({
    method: "GET",
    path: "/replication/settings",
    summary: "How many runs go on at once, and in which order waiting ones begin.",
    roles: everyone,
    input: Nothing,
    output: ReplicationSettings,
  }),
  updateReplicationSettings: row({
    method: "PATCH",
    path: "/replication/settings",
    summary: "Change how many runs go on at once, and their order.",
    roles: operators,
    input: UpdateReplicationSettingsInput,
    output: ReplicationSettings,
  }),
  getThrottle: row({
    method: "GET",
    path: "/replication/throttle",
    summary: "The throttle schedule, and what it says just now.",
    roles: everyone,
    input: Nothing,
    output: ThrottleReport,
  }),
  setThrottle: row({
    method: "PUT",
    path: "/replication/throttle",
    summary: "Replace the throttle schedule; runs that go on follow it at once.",
    roles: operators,
    input: SetThrottleInput,
    output: ThrottleReport,
  }),
} as const;
