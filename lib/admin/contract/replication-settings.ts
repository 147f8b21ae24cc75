import { z } from "zod";
import { ActiveEntry, WaitingPage } from "@/lib/engine/replication-queue/schemas";
import {
  ReplicationSettings,
  SetThrottleInput,
  ThrottleReport,
  UpdateReplicationSettingsInput,
} from "@/lib/engine/replication-settings/schemas";
import { PageInput } from "@/lib/engine/schemas";
import { SuspendPeersOutput } from "@/lib/engine/sessions/schemas";
import { everyone, Nothing, operators, row } from "./row";

export const replicationSettingsContract = {
  getReplicationSettings: row({
    method: "GET",
    path: "/replication/settings",
    summary: "How many runs go on at once, and in which order waiting ones begin.",
    area: "replication",
    roles: everyone,
    reach: "tenant",
    input: Nothing,
    output: ReplicationSettings,
  }),
  updateReplicationSettings: row({
    method: "PATCH",
    path: "/replication/settings",
    summary: "Change how many runs go on at once, and their order.",
    area: "replication",
    roles: operators,
    input: UpdateReplicationSettingsInput,
    output: ReplicationSettings,
  }),
  getThrottle: row({
    method: "GET",
    path: "/replication/throttle",
    summary: "The throttle schedule, and what it says just now.",
    area: "replication",
    roles: everyone,
    reach: "tenant",
    input: Nothing,
    output: ThrottleReport,
  }),
  setThrottle: row({
    method: "PUT",
    path: "/replication/throttle",
    summary: "Replace the throttle schedule; runs that go on follow it at once.",
    area: "replication",
    roles: operators,
    input: SetThrottleInput,
    output: ThrottleReport,
  }),
  listActiveReplications: row({
    method: "GET",
    path: "/replication/queue/active",
    summary: "What is being sent just now.",
    area: "replication",
    roles: everyone,
    reach: "tenant",
    input: Nothing,
    output: z.object({ items: z.array(ActiveEntry) }),
  }),
  listReplicationQueue: row({
    method: "GET",
    path: "/replication/queue",
    summary: "Recovery points that targets lack, in the order in which they will be sent.",
    area: "replication",
    roles: everyone,
    reach: "tenant",
    input: PageInput,
    output: WaitingPage,
  }),
  restartReplication: row({
    method: "POST",
    path: "/replication/restart",
    summary: "Run every session that is not paused now, also those that wait to try again.",
    area: "replication",
    roles: operators,
    input: Nothing,
    output: SuspendPeersOutput,
  }),
} as const;
