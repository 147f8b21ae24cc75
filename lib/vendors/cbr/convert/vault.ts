import type { HeldAgent, RepositoryHolding } from "@/lib/engine/repositories/schemas";
import { PROVIDER, RESOURCE_TYPE, toGigabytes, toMegabytes, toProjectId, toTime } from "../values";

const PROTECT_STATUS = {
  available: "available",
  capturing: "protecting",
  restoring: "restoring",
  deleting: "removing",
} as const satisfies Record<HeldAgent["state"], string>;

/** An agent as a resource of its vault. */
export const toResource = (agent: HeldAgent) => ({
  id: agent.id,
  type: RESOURCE_TYPE.agent,
  name: agent.name,
  size: toGigabytes(agent.protectedBytes),
  protect_status: PROTECT_STATUS[agent.state],
  backup_size: toMegabytes(agent.storedBytes),
  backup_count: agent.recoveryPoints,
  extra_info: { exclude_volumes: [], include_volumes: [] },
});

/** A repository, as one project has it, as a vault. */
export const toVault = (holding: RepositoryHolding, tenantId: string) => ({
  id: holding.id,
  name: holding.name,
  description: holding.description,
  project_id: toProjectId(tenantId),
  provider_id: PROVIDER.server,
  created_at: toTime(holding.createdAt),
  enterprise_project_id: "0",
  user_id: "",
  auto_bind: false,
  bind_rules: { tags: [] },
  auto_expand: false,
  smn_notify: false,
  threshold: 80,
  locked: false,
  tags: [],
  resources: holding.agents.map(toResource),
  billing: {
    allocated: toMegabytes(holding.agents.reduce((sum, { protectedBytes }) => sum + protectedBytes, 0)),
    used: toMegabytes(holding.storedBytes),
    // A repository has no size of its own: it may fill its disk.
    size: Math.max(1, toGigabytes(holding.totalBytes)),
    status: holding.reachable ? "available" : "error",
    charging_mode: "post_paid",
    cloud_type: "public",
    consistent_level: "crash_consistent",
    object_type: "server",
    protect_type: holding.holdsReplicas ? "replication" : "backup",
    spec_code: "vault.backup.server.normal",
    storage_unit: "GB",
    order_id: null,
    product_id: null,
    frozen_scene: null,
  },
});
