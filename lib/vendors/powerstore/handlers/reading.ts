import type { EngineContext } from "@/lib/engine/context";
import type { VendorCall } from "../../row";
import { listResource, type Query, readResource } from "../read";
import type { Readable } from "../rows/reading";
import type { WireResource } from "../table/column";
import { remoteSystem } from "../table/remote-system";
import { policy, replicationRule, snapshotRule } from "../table/rules";
import { replicationGroup, replicationSession } from "../table/session";
import { cluster, job, softwareInstalled } from "../table/system";
import { hostVolumeMapping, volume, volumeGroup } from "../table/volumes";

export const tables: Readonly<Record<Readable, WireResource>> = {
  replication_session: replicationSession,
  replication_rule: replicationRule,
  replication_group: replicationGroup,
  policy,
  snapshot_rule: snapshotRule,
  remote_system: remoteSystem,
  volume,
  volume_group: volumeGroup,
  host_volume_mapping: hostVolumeMapping,
  software_installed: softwareInstalled,
  cluster,
  job,
};

export const lists =
  (resource: Readable) =>
  (ctx: EngineContext, { query }: { query: Query }, call: VendorCall) =>
    listResource(ctx, call, tables[resource], query);

export const reads =
  (resource: Readable) => (ctx: EngineContext, input: { id: string; query: Query }, call: VendorCall) =>
    readResource(ctx, call, tables[resource], input);
