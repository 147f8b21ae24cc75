import type { z } from "zod";
import { queryCatalog } from "@/lib/engine/catalog";
import type { EngineContext } from "@/lib/engine/context";
import { deletePairing, probePeer, sendPairingRequest, updatePairing } from "@/lib/engine/pairing";
import { conflict, toTwincoreError } from "@/lib/errors";
import type { VendorCall } from "../../row";
import { placeOrder } from "../order";
import { findOne } from "../read";
import type { CreateRemoteSystemInput, ModifyRemoteSystemInput } from "../schemas";
import { remoteSystem } from "../table/remote-system";

const resource = remoteSystem.name;
/** Where another core is reached by other cores, when the address names no port. */
const PEER_PORT = 8006;
/** As many as one request to pair may name. */
const AGENTS_MAX = 1_000;

/** Asks the other core to be paired; an administrator over there answers. Until then the system is listed as Update_Needed. */
export const create = (ctx: EngineContext, input: z.output<typeof CreateRemoteSystemInput>, call: VendorCall) =>
  placeOrder(ctx, call, {
    action: "create",
    resource,
    work: async () => {
      const { rows } = await queryCatalog(ctx, { resource: "agent", where: OFFERED, limit: AGENTS_MAX });
      if (rows.length === 0)
        throw conflict("A remote system is asked to take volumes or groups, and there are none yet. Make one first.");
      const asked = await sendPairingRequest(ctx, {
        targetUrl: toUrl(input.management_address),
        agentIds: rows.map(({ id }) => id),
        contactEmail: "",
        customerId: "",
        comments: input.description ?? "",
      });
      if (input.description) await updatePairing(ctx, { id: asked.id, description: input.description });
      return { id: asked.id, name: input.management_address, status: 201, body: { id: asked.id } };
    },
  });

/** What is captured here, which the other core may take in. */
const OFFERED = {
  and: [
    { field: "kind", is: "eq", value: "machine" },
    { field: "pairingId", is: "null" },
    { field: "deletionAskedAt", is: "null" },
  ],
} as const;

const toUrl = (address: string) => (/:\d+$/.test(address) ? `https://${address}` : `https://${address}:${PEER_PORT}`);

export const modify = (ctx: EngineContext, input: z.output<typeof ModifyRemoteSystemInput>, call: VendorCall) =>
  placeOrder(ctx, call, {
    action: "modify",
    resource,
    work: async () => {
      const found = await findOne(ctx, remoteSystem, input.id, ["host"]);
      if (input.management_address !== undefined && input.management_address !== found.host)
        throw conflict(
          "The address of a remote system is that of its pairing. Delete it, and pair with the new address.",
        );
      if (input.description !== undefined)
        await updatePairing(ctx, { id: found.id, description: input.description ?? "" });
      return { id: found.id, name: found.name, status: 204 };
    },
  });

/** Ends the pairing; the recovery points that were replicated stay where they are. */
export const remove = (ctx: EngineContext, { id }: { id: string }, call: VendorCall) =>
  placeOrder(ctx, call, {
    action: "delete",
    resource,
    work: async () => {
      const found = await findOne(ctx, remoteSystem, id);
      const where = { field: "pairingId", is: "eq", value: found.id } as const;
      const { total } = await queryCatalog(ctx, { resource: "replicationRule", where, limit: 0 });
      if (total > 0) throw conflict(`${total} replication rules name "${found.name}". Delete them first.`, "in-use");
      await deletePairing(ctx, { id: found.id, deleteRecoveryPoints: false });
      return { id: found.id, name: found.name, status: 204 };
    },
  });

/** Does the other core answer? Asked there where this core calls, else by when it was heard last. */
export const verify = (ctx: EngineContext, { id }: { id: string }, call: VendorCall) =>
  placeOrder(ctx, call, {
    action: "verify",
    resource,
    work: async () => {
      const found = await findOne(ctx, remoteSystem, id, ["peerUrl", "side", "isLinkDown"]);
      if (found.side === "source" && typeof found.peerUrl === "string") await reach(ctx, found.peerUrl);
      else if (found.isLinkDown === true)
        throw conflict(`"${found.name}" has not been heard for a while.`, "link-down");
      return { id: found.id, name: found.name, status: 204 };
    },
  });

async function reach(ctx: EngineContext, targetUrl: string): Promise<void> {
  try {
    await probePeer(ctx, { targetUrl });
  } catch (thrown) {
    throw conflict(toTwincoreError(thrown).message, "link-down");
  }
}

/** The other core is one appliance. */
export async function queryAppliances(ctx: EngineContext, { id }: { id: string }) {
  const found = await findOne(ctx, remoteSystem, id, ["peerCoreId"]);
  return { body: [{ id: "A1", name: found.name, service_tag: String(found.peerCoreId ?? "") }] };
}
