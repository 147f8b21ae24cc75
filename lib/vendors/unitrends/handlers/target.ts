import type { EngineContext } from "@/lib/engine/context";
import { askTarget, joinTarget, listPeers } from "@/lib/engine/pairing";
import { resumePeers, suspendPeers } from "@/lib/engine/sessions";
import { readCloudCode } from "../convert/cloud-code";
import { toTarget } from "../convert/peers";
import { done } from "../output";
import { type PagingInput, toPage } from "./paging";

interface Target {
  type?: string | undefined;
  target?: string | undefined;
  ip?: string | undefined;
  insecure?: boolean | undefined;
  auth_code?: string | undefined;
}

export async function addTarget(ctx: EngineContext, input: Target) {
  if (input.type === "unitrends_cloud") {
    const { host, address, port, token } = readCloudCode(input.auth_code ?? "");
    await joinTarget(ctx, { host, address, port: Number(port), token });
  } else {
    await askTarget(ctx, { host: input.target ?? "", address: input.ip, isConfirmed: input.insecure ?? false });
  }
  return { body: done() };
}

interface ListTargets extends PagingInput {
  include_incomplete_systems?: boolean | undefined;
  include_type_of_backup_copy_target?: boolean | undefined;
  include_name_field?: boolean | undefined;
}

export async function listTargets(ctx: EngineContext, input: ListTargets) {
  const { items } = await listPeers(ctx, {
    side: "source",
    states: input.include_incomplete_systems === false ? ["established"] : ["pending", "established", "denied"],
    ...toPage(input),
  });
  const withType = input.include_type_of_backup_copy_target ?? false;
  const withName = input.include_name_field ?? false;
  return { body: { targets: items.map((peer) => toTarget(peer, { withType, withName })) } };
}

export async function suspendTarget(ctx: EngineContext, { target_hostname }: { target_hostname: string }) {
  await suspendPeers(ctx, { side: "source", host: target_hostname });
  return { body: done() };
}

export async function resumeTarget(ctx: EngineContext, { target_hostname }: { target_hostname: string }) {
  await resumePeers(ctx, { side: "source", host: target_hostname });
  return { body: done() };
}
