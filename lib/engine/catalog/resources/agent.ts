import "server-only";
import { field, many, one, type Resource, sql } from "../define";

/** Protected machines and groups of volumes, captured here or replicated to this core. */
export const agent: Resource = {
  from: sql(`agent a
    left join tenant t on t.id = a.tenant_id
    left join repository r on r.id = a.repository_id
    left join pairing p on p.id = a.pairing_id`),
  id: sql("a.id"),
  tenant: sql("a.tenant_id"),
  fields: {
    id: field("id", "a.id"),
    name: field("name", "a.name"),
    hostName: field("name", "a.host_name"),
    description: field("text", "a.description"),
    kind: field("word", "a.kind::text"),
    parentId: field("id", "a.parent_id"),
    isSingleVolume: field("boolean", "a.is_single_volume"),
    tenantId: field("id", "a.tenant_id"),
    tenantName: field("name", "t.name"),
    repositoryId: field("id", "a.repository_id"),
    repositoryName: field("name", "r.name"),
    pairingId: field("id", "a.pairing_id"),
    peerName: field("name", "p.peer_name"),
    /** It is captured on the other core of this pairing. */
    leadPairingId: field("id", "a.lead_pairing_id"),
    isReplica: field("boolean", "(a.lead_pairing_id is not null)"),
    policyId: field("id", "a.policy_id"),
    nextCaptureAt: field("instant", "a.next_capture_at"),
    quotaBytes: field("integer", "(select hard_bytes from quota where subject_id = a.id and meter = 'stored')"),
    labels: field("words", "a.labels"),
    volumeCount: field("integer", "(select count(*) from volume v where v.agent_id = a.id and v.removed_at is null)"),
    pointCount: field("integer", "(select count(*) from recovery_point q where q.agent_id = a.id)"),
    newestPointAt: field("instant", "(select max(q.created_at) from recovery_point q where q.agent_id = a.id)"),
    /** What its volumes hold, by its newest recovery point. */
    logicalBytes: field(
      "integer",
      "(select q.logical_bytes from recovery_point q where q.agent_id = a.id order by q.created_at desc limit 1)",
    ),
    metadataAt: field("instant", "a.metadata_at"),
    deletionAskedAt: field("instant", "a.deletion_asked_at"),
    createdAt: field("instant", "a.created_at"),
  },
  relations: {
    volumes: many("volume", "select agent_id as near, id as far from volume where removed_at is null"),
    policy: one("policy", "select id as near, policy_id as far from agent"),
    pairing: one("pairing", "select id as near, pairing_id as far from agent"),
    repository: one("repository", "select id as near, repository_id as far from agent"),
    tenant: one("tenant", "select id as near, tenant_id as far from agent"),
    sessions: many("session", "select agent_id as near, id as far from replication_session"),
    recoveryPoints: many("recoveryPoint", "select agent_id as near, id as far from recovery_point"),
  },
};
