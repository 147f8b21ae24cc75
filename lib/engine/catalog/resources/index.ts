import "server-only";
import type { Resource } from "../define";
import type { CatalogResource } from "../schemas";
import { agent } from "./agent";
import { core, pairing, tenant, vendorJob } from "./core";
import { image, recoveryPoint, repository } from "./point";
import { policy, replicationRule, snapshotRule } from "./policy";
import { session } from "./session";
import { volume } from "./volume";

/** What can be asked for. */
export const resources: Readonly<Record<CatalogResource, Resource>> = {
  core,
  tenant,
  repository,
  agent,
  volume,
  recoveryPoint,
  image,
  pairing,
  session,
  policy,
  snapshotRule,
  replicationRule,
  vendorJob,
};
