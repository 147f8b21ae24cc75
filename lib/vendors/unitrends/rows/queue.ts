import { z } from "zod";
import { everyone, operators, vendorRow } from "../../row";
import { strategyOf } from "../convert/words";
import { Id, Ids, optional, Paging, Sid, Text } from "../input";
import { ActiveRow, Done, InactiveRow } from "../output";

const listInput = z.object({ sid: Sid, ...Paging });
const addInput = z.object({ backup_id: Id, target: optional(Text(300)) });
const handlers = () => import("../handlers/queue");

/** The same at every address at which clients say it. */
const addRow = (name: string, path: `/${string}`) =>
  vendorRow({
    name,
    method: "POST",
    path,
    summary: "Send a backup to a target now.",
    roles: operators,
    reach: "tenant",
    input: addInput,
    output: Done,
    status: 201,
    handler: async () => (await handlers()).addToQueue,
  });

export const queueRows = [
  vendorRow({
    name: "getQueue",
    reach: "tenant",
    method: "GET",
    path: "/api/replication/queue",
    summary: "What is being replicated, and what waits for it.",
    roles: everyone,
    input: listInput,
    output: z.object({
      data: z.array(
        z.object({
          start_position: z.number().int(),
          total_inactive: z.number().int(),
          active: z.array(ActiveRow),
          inactive: z.array(InactiveRow),
        }),
      ),
    }),
    status: 200,
    handler: async () => (await handlers()).getQueue,
  }),
  vendorRow({
    name: "getActive",
    reach: "tenant",
    method: "GET",
    path: "/api/replication/queue/active",
    summary: "What is being replicated.",
    roles: everyone,
    input: listInput,
    output: z.object({ active: z.array(z.array(ActiveRow)) }),
    status: 200,
    handler: async () => (await handlers()).getActive,
  }),
  vendorRow({
    name: "getInactive",
    reach: "tenant",
    method: "GET",
    path: "/api/replication/queue/inactive",
    summary: "What waits to be replicated.",
    roles: everyone,
    input: listInput,
    output: z.object({ inactive: z.array(z.array(InactiveRow)) }),
    status: 200,
    handler: async () => (await handlers()).getInactive,
  }),
  vendorRow({
    name: "getStrategy",
    reach: "tenant",
    method: "GET",
    path: "/api/replication/queue/strategy",
    summary: "In which order what waits is taken.",
    roles: everyone,
    input: z.object({ sid: Sid }),
    output: z.object({ strategy: z.string() }),
    status: 200,
    handler: async () => (await handlers()).getStrategy,
  }),
  vendorRow({
    name: "setStrategy",
    method: "PUT",
    path: "/api/replication/queue/strategy",
    summary: "Change the order in which what waits is taken.",
    roles: operators,
    input: z.object({
      strategy: Text(40).refine((text) => strategyOf(text) !== null, "Manual, Maximum Retention or Recency."),
    }),
    output: Done,
    status: 200,
    handler: async () => (await handlers()).setStrategy,
  }),
  addRow("addToQueue", "/api/replication/queue"),
  addRow("addToQueueByAdd", "/api/replication/queue/add"),
  addRow("addByAdd", "/api/replication/add"),
  addRow("addToTargetQueue", "/api/replication/target-queue"),
  vendorRow({
    name: "resetQueue",
    method: "PUT",
    path: "/api/replication/queue",
    summary: "Try these backups again now.",
    roles: operators,
    input: z.object({ backups: Ids, action: Text(40).pipe(z.literal("reset")) }),
    output: Done,
    status: 200,
    handler: async () => (await handlers()).resetQueue,
  }),
  vendorRow({
    name: "restart",
    method: "PUT",
    path: "/api/replication/restart",
    summary: "Try everything that is not suspended again now.",
    roles: operators,
    input: z.object({}),
    output: Done,
    status: 200,
    handler: async () => (await handlers()).restart,
  }),
  vendorRow({
    name: "isInQueue",
    reach: "tenant",
    method: "GET",
    path: "/api/replication/is_in_queue",
    summary: "How these backups stand on their way to their targets.",
    roles: everyone,
    input: z.object({ backup_ids: Ids }),
    output: z.object({ QueueStatus: z.array(z.object({ backup_id: z.number().int(), status: z.string() })) }),
    status: 200,
    handler: async () => (await handlers()).isInQueue,
  }),
] as const;
