import "server-only";
import { field, many, one, type Resource, sql } from "../define";

const NEWEST_SIZE = `(select i.size_bytes from volume_image i join recovery_point q on q.id = i.recovery_point_id
  where i.volume_id = v.id order by q.created_at desc limit 1)`;

/** Disks, folder trees and streams of agents. */
export const volume: Resource = {
  from: sql("(select * from volume where removed_at is null) v left join agent a on a.id = v.agent_id"),
  id: sql("v.id"),
  tenant: sql("a.tenant_id"),
  fields: {
    id: field("id", "v.id"),
    name: field("name", "v.name"),
    description: field("text", "v.description"),
    kind: field("word", "v.kind::text"),
    path: field("text", "v.path"),
    agentId: field("id", "v.agent_id"),
    agentName: field("name", "a.name"),
    agentKind: field("word", "a.kind::text"),
    tenantId: field("id", "a.tenant_id"),
    repositoryId: field("id", "a.repository_id"),
    /** It is the only one of an agent that was made for it. */
    isSingleVolume: field("boolean", "a.is_single_volume"),
    isReplica: field("boolean", "(a.lead_pairing_id is not null)"),
    /** Declared, of a disk that this core keeps itself. */
    managedBytes: field("integer", "v.managed_bytes"),
    /** Declared, or of its newest image. */
    sizeBytes: field("integer", `coalesce(v.managed_bytes, ${NEWEST_SIZE}, 0)`),
    policyId: field("id", "v.policy_id"),
    /** Its own policy, or that of the agent that was made for it. */
    ownPolicyId: field("id", "coalesce(v.policy_id, case when a.is_single_volume then a.policy_id end)"),
    /** It is here for its images alone. */
    removedAt: field("instant", "v.removed_at"),
    deletionAskedAt: field("instant", "a.deletion_asked_at"),
    createdAt: field("instant", "v.created_at"),
  },
  relations: {
    agent: one("agent", "select id as near, agent_id as far from volume"),
    /** Its agent as a list, which is empty when that was made for this volume alone. */
    groups: many(
      "agent",
      "select v.id as near, a.id as far from volume v join agent a on a.id = v.agent_id and not a.is_single_volume",
    ),
    ownPolicy: one(
      "policy",
      `select v.id as near, coalesce(v.policy_id, case when a.is_single_volume then a.policy_id end) as far
         from volume v join agent a on a.id = v.agent_id`,
    ),
    /** Of the agent that was made for it. */
    ownSessions: many(
      "session",
      `select v.id as near, s.id as far from volume v
         join agent a on a.id = v.agent_id and a.is_single_volume join replication_session s on s.agent_id = a.id`,
    ),
    images: many("image", "select volume_id as near, id as far from volume_image"),
  },
};
