import type { Volume as VolumeRow } from "@/prisma/generated/client";
import type { AgentSummary, Volume } from "./schemas";

export function toVolume(row: VolumeRow & { policy?: { id: string; name: string } | null }): Volume {
  const { id, name, kind, path, excludes, policy = null } = row;
  return {
    id,
    name,
    kind,
    path,
    excludes,
    managedBytes: row.managedBytes === null ? null : Number(row.managedBytes),
    policy,
  };
}

/** One row of the query in summaries.ts. */
export interface AgentSummaryRow {
  id: string;
  name: string;
  host_name: string;
  kind: AgentSummary["kind"];
  parent_id: string | null;
  parent_name: string | null;
  pairing_id: string | null;
  core_name: string | null;
  repository_id: string;
  repository_name: string;
  points: bigint;
  newest_at: Date | null;
  logical_bytes: bigint;
  stored_bytes: bigint;
  quota_bytes: bigint | null;
  created_at: Date;
  deletion_asked_at: Date | null;
}

export function toAgentSummary(row: AgentSummaryRow): AgentSummary {
  return {
    id: row.id,
    name: row.name,
    hostName: row.host_name,
    kind: row.kind,
    parent: row.parent_id === null ? null : { id: row.parent_id, name: row.parent_name ?? "" },
    source: row.pairing_id === null ? null : { pairingId: row.pairing_id, coreName: row.core_name ?? "" },
    repository: { id: row.repository_id, name: row.repository_name },
    recoveryPoints: Number(row.points),
    newestPointAt: row.newest_at?.toISOString() ?? null,
    logicalBytes: Number(row.logical_bytes),
    storedBytes: Number(row.stored_bytes),
    quotaBytes: row.quota_bytes === null ? null : Number(row.quota_bytes),
    createdAt: row.created_at.toISOString(),
    deletionAskedAt: row.deletion_asked_at?.toISOString() ?? null,
  };
}
