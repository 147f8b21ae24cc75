import type { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import {
  failOverSession,
  pauseSession,
  reprotectSession,
  resumeSession,
  startFailoverTest,
  stopFailoverTest,
  syncSession,
} from "@/lib/engine/sessions";
import { captureCurrent } from "@/lib/engine/volume-groups";
import { conflict } from "@/lib/errors";
import type { VendorCall } from "../../row";
import { placeOrder } from "../order";
import { findOne } from "../read";
import type { FailoverInput, ModifySessionInput, StartTestInput, StopTestInput } from "../schemas";
import { replicationSession } from "../table/session";

const resource = replicationSession.name;
const FIELDS = ["agentName", "role"];

/** One order about a session: the verb is the engine's, the answer 204. */
async function order(
  ctx: EngineContext,
  call: VendorCall,
  action: string,
  id: string,
  work: (session: { id: string; role: unknown }) => Promise<unknown>,
) {
  return placeOrder(ctx, call, {
    action,
    resource,
    work: async () => {
      const session = await findOne(ctx, replicationSession, id, FIELDS);
      await work({ id: session.id, role: session.role });
      return { id: session.id, name: String(session.agentName), status: 204 };
    },
  });
}

type ById = { id: string };

/** This API takes a sync from the source only; the engine would take the wish from either side. */
export const sync = (ctx: EngineContext, { id }: ById, call: VendorCall) =>
  order(ctx, call, "sync", id, async (session) => {
    if (session.role !== "source")
      throw conflict("A sync is ordered on the system whose role is Source.", "wrong-side");
    await captureCurrent(ctx, { sessionId: session.id, operation: "sync" });
    return syncSession(ctx, { id: session.id });
  });

export const pause = (ctx: EngineContext, { id }: ById, call: VendorCall) =>
  order(ctx, call, "pause", id, (session) => pauseSession(ctx, { id: session.id }));

export const resume = (ctx: EngineContext, { id }: ById, call: VendorCall) =>
  order(ctx, call, "resume", id, (session) => resumeSession(ctx, { id: session.id }));

export const reprotect = (ctx: EngineContext, { id }: ById, call: VendorCall) =>
  order(ctx, call, "reprotect", id, (session) => reprotectSession(ctx, { id: session.id }));

export const failover = (ctx: EngineContext, input: z.output<typeof FailoverInput>, call: VendorCall) =>
  order(ctx, call, "failover", input.id, async (session) => {
    if (input.is_planned) await captureCurrent(ctx, { sessionId: session.id, operation: "fail_over_planned" });
    return failOverSession(ctx, {
      id: session.id,
      kind: input.is_planned ? "planned" : "unplanned",
      reverse: input.reverse,
      force: input.force,
      useTestCopy: input.use_test_copy,
      recoveryPointId: input.failover_snapshot_id ?? undefined,
    });
  });

export const startTest = (ctx: EngineContext, input: z.output<typeof StartTestInput>, call: VendorCall) =>
  order(ctx, call, "start_failover_test", input.id, (session) =>
    startFailoverTest(ctx, { id: session.id, recoveryPointId: input.snapshot_id ?? undefined }),
  );

export const stopTest = (ctx: EngineContext, input: z.output<typeof StopTestInput>, call: VendorCall) =>
  placeOrder(ctx, call, {
    action: "stop_failover_test",
    resource,
    work: async () => {
      const session = await findOne(ctx, replicationSession, input.id, FIELDS);
      const { recoveryPointId } = await stopFailoverTest(ctx, {
        id: session.id,
        keepRecoveryPoint: input.create_end_of_test_snapshot,
        force: input.force,
      });
      const about = { id: session.id, name: String(session.agentName) };
      return recoveryPointId === null
        ? { ...about, status: 204 }
        : { ...about, status: 200, body: { snapshot_id: recoveryPointId } };
    },
  });

/** A role is changed, and a side promoted or demoted, in a metro session: there is none. */
export const metro =
  (action: "modify" | "promote" | "demote") =>
  (ctx: EngineContext, { id }: ById | z.output<typeof ModifySessionInput>, call: VendorCall) =>
    order(ctx, call, action, id, () => {
      throw conflict("This is an asynchronous session. Only a metro session takes this.", "wrong-state");
    });
