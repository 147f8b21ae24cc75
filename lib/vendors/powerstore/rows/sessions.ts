import type { z } from "zod";
import { operators, vendorRow } from "../../row";
import {
  CreatedLater,
  FailoverInput,
  ModifySessionInput,
  NoBody,
  ReprotectInput,
  StartTestInput,
  StoppedTest,
  StopTestInput,
} from "../schemas";
import { BASE } from "./reading";

const at = `${BASE}/replication_session/{id}` as const;
const handlers = () => import("../handlers/sessions");

/** An action of a session: POST, answered 204. */
const action = <I extends z.ZodType>(name: string, summary: string, input: I) =>
  ({
    name: `${name}_replication_session`,
    method: "POST",
    path: `${at}/${name}`,
    summary,
    roles: operators,
    reach: "tenant",
    input,
    output: CreatedLater,
    status: 204,
  }) as const;

export const sessionRows = [
  vendorRow({ ...action("sync", "Replicates now.", NoBody), handler: async () => (await handlers()).sync }),
  vendorRow({ ...action("pause", "Pauses, from either side.", NoBody), handler: async () => (await handlers()).pause }),
  vendorRow({
    ...action("resume", "Goes on, from either side.", NoBody),
    handler: async () => (await handlers()).resume,
  }),
  vendorRow({
    ...action("failover", "Fails over: planned on the source, unplanned on the destination.", FailoverInput),
    handler: async () => (await handlers()).failover,
  }),
  vendorRow({
    ...action("reprotect", "Copies in the new direction after a failover.", ReprotectInput),
    handler: async () => (await handlers()).reprotect,
  }),
  vendorRow({
    ...action("start_failover_test", "Uses a copy on the destination while replication goes on.", StartTestInput),
    handler: async () => (await handlers()).startTest,
  }),
  vendorRow({
    ...action("stop_failover_test", "Takes the copy of a failover test away.", StopTestInput),
    output: StoppedTest,
    handler: async () => (await handlers()).stopTest,
  }),
  vendorRow({
    ...action("promote", "For metro sessions, of which there are none.", NoBody),
    handler: async () => (await handlers()).metro("promote"),
  }),
  vendorRow({
    ...action("demote", "For metro sessions, of which there are none.", NoBody),
    handler: async () => (await handlers()).metro("demote"),
  }),
  vendorRow({
    name: "modify_replication_session",
    reach: "tenant",
    method: "PATCH",
    path: at,
    summary: "Changes the role in a metro session, of which there are none.",
    roles: operators,
    input: ModifySessionInput,
    output: CreatedLater,
    status: 204,
    handler: async () => (await handlers()).metro("modify"),
  }),
];
