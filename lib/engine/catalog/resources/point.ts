import "server-only";
import { field, many, one, type Resource, sql } from "../define";

export const repository: Resource = {
  from: sql("repository r"),
  id: sql("r.id"),
  fields: {
    id: field("id", "r.id"),
    name: field("name", "r.name"),
    description: field("text", "r.description"),
    path: field("text", "r.path"),
    isOutOfSync: field("boolean", "r.is_out_of_sync"),
    syncedAt: field("instant", "r.synced_at"),
    createdAt: field("instant", "r.created_at"),
  },
  relations: {
    agents: many("agent", "select repository_id as near, id as far from agent"),
  },
};

/** Committed recovery points. */
export const recoveryPoint: Resource = {
  from: sql("recovery_point q left join agent a on a.id = q.agent_id left join repository r on r.id = q.repository_id"),
  id: sql("q.id"),
  tenant: sql("a.tenant_id"),
  fields: {
    id: field("id", "q.id"),
    agentId: field("id", "q.agent_id"),
    agentName: field("name", "a.name"),
    agentKind: field("word", "a.kind::text"),
    tenantId: field("id", "a.tenant_id"),
    repositoryId: field("id", "q.repository_id"),
    repositoryName: field("name", "r.name"),
    sequence: field("integer", "q.sequence"),
    createdAt: field("instant", "q.created_at"),
    committedAt: field("instant", "q.committed_at"),
    logicalBytes: field("integer", "q.logical_bytes"),
    storedBytes: field("integer", "q.stored_bytes"),
    origin: field("word", "q.origin::text"),
    snapshotRuleId: field("id", "q.snapshot_rule_id"),
    expiresAt: field("instant", "q.expires_at"),
    label: field("name", "q.label"),
    locked: field("boolean", "q.locked"),
    lostAt: field("instant", "q.lost_at"),
    lostReason: field("text", "q.lost_reason"),
    deletedOnSourceAt: field("instant", "q.deleted_on_source_at"),
    missingVolumes: field("words", "q.missing_volumes"),
  },
  relations: {
    agent: one("agent", "select id as near, agent_id as far from recovery_point"),
    repository: one("repository", "select id as near, repository_id as far from recovery_point"),
    images: many("image", "select recovery_point_id as near, id as far from volume_image"),
  },
};

/** Volume images of committed recovery points. */
export const image: Resource = {
  from: sql(`volume_image i
    left join volume v on v.id = i.volume_id
    left join recovery_point q on q.id = i.recovery_point_id
    left join agent a on a.id = q.agent_id
    left join repository r on r.id = q.repository_id`),
  id: sql("i.id"),
  tenant: sql("a.tenant_id"),
  fields: {
    id: field("id", "i.id"),
    recoveryPointId: field("id", "i.recovery_point_id"),
    volumeId: field("id", "i.volume_id"),
    volumeName: field("name", "v.name"),
    kind: field("word", "i.kind::text"),
    sizeBytes: field("integer", "i.size_bytes"),
    recordCount: field("integer", "i.record_count"),
    entryCount: field("integer", "i.entry_count"),
    agentId: field("id", "q.agent_id"),
    agentName: field("name", "a.name"),
    agentKind: field("word", "a.kind::text"),
    tenantId: field("id", "a.tenant_id"),
    repositoryId: field("id", "q.repository_id"),
    repositoryName: field("name", "r.name"),
    label: field("name", "q.label"),
    locked: field("boolean", "q.locked"),
    origin: field("word", "q.origin::text"),
    lostAt: field("instant", "q.lost_at"),
    expiresAt: field("instant", "q.expires_at"),
    createdAt: field("instant", "q.created_at"),
    committedAt: field("instant", "q.committed_at"),
  },
  relations: {
    volume: one("volume", "select id as near, volume_id as far from volume_image"),
    recoveryPoint: one("recoveryPoint", "select id as near, recovery_point_id as far from volume_image"),
  },
};
