import "server-only";
import { field, many, one, type Resource, sql } from "../define";

/** Protection policies of this core, and replicas of those of its sources. */
export const policy: Resource = {
  from: sql("policy o left join pairing p on p.id = o.pairing_id"),
  id: sql("o.id"),
  tenant: sql("p.tenant_id"),
  fields: {
    id: field("id", "o.id"),
    name: field("name", "o.name"),
    description: field("text", "o.description"),
    pairingId: field("id", "o.pairing_id"),
    isReplica: field("boolean", "(o.pairing_id is not null)"),
    replica: field("json", "o.replica"),
    isReadOnly: field("boolean", "o.is_read_only"),
    /** Something is protected by it. */
    isAssigned: field(
      "boolean",
      "(exists (select 1 from agent a where a.policy_id = o.id) or exists (select 1 from volume v where v.policy_id = o.id))",
    ),
    createdAt: field("instant", "o.created_at"),
    updatedAt: field("instant", "o.updated_at"),
  },
  relations: {
    pairing: one("pairing", "select id as near, pairing_id as far from policy"),
    snapshotRules: many("snapshotRule", "select policy_id as near, snapshot_rule_id as far from policy_snapshot_rule"),
    replicationRules: many(
      "replicationRule",
      "select policy_id as near, replication_rule_id as far from policy_replication_rule",
    ),
    agents: many("agent", "select policy_id as near, id as far from agent"),
    groups: many("agent", "select policy_id as near, id as far from agent where not is_single_volume"),
    /** With a policy of their own, in a group or not. */
    volumes: many(
      "volume",
      `select coalesce(v.policy_id, case when a.is_single_volume then a.policy_id end) as near, v.id as far
         from volume v join agent a on a.id = v.agent_id where v.removed_at is null`,
    ),
    sessions: many("session", "select policy_id as near, id as far from replication_session"),
  },
};

/** When recovery points are made and how long they stay. */
export const snapshotRule: Resource = {
  from: sql("snapshot_rule n"),
  id: sql("n.id"),
  fields: {
    id: field("id", "n.id"),
    name: field("name", "n.name"),
    description: field("text", "n.description"),
    intervalMinutes: field("integer", "n.interval_minutes"),
    timeOfDay: field("text", "n.time_of_day"),
    daysOfWeek: field("numbers", "n.days_of_week"),
    timeZone: field("text", "n.time_zone"),
    retentionHours: field("integer", "n.retention_hours"),
    retentionCount: field("integer", "n.retention_count"),
    isReadOnly: field("boolean", "n.is_read_only"),
    createdAt: field("instant", "n.created_at"),
    updatedAt: field("instant", "n.updated_at"),
  },
  relations: {
    policies: many("policy", "select snapshot_rule_id as near, policy_id as far from policy_snapshot_rule"),
  },
};

/** Where recovery points go, and how far behind that may be. */
export const replicationRule: Resource = {
  from: sql("replication_rule u left join pairing p on p.id = u.pairing_id"),
  id: sql("u.id"),
  fields: {
    id: field("id", "u.id"),
    name: field("name", "u.name"),
    pairingId: field("id", "u.pairing_id"),
    peerName: field("name", "p.peer_name"),
    rpoSeconds: field("integer", "u.rpo_seconds"),
    alertThresholdMinutes: field("integer", "u.alert_threshold_minutes"),
    isReadOnly: field("boolean", "u.is_read_only"),
    /** A policy that holds it protects something. */
    isAssigned: field(
      "boolean",
      `exists (select 1 from policy_replication_rule h where h.replication_rule_id = u.id and (
          exists (select 1 from agent a where a.policy_id = h.policy_id)
          or exists (select 1 from volume v where v.policy_id = h.policy_id)))`,
    ),
    createdAt: field("instant", "u.created_at"),
    updatedAt: field("instant", "u.updated_at"),
  },
  relations: {
    pairing: one("pairing", "select id as near, pairing_id as far from replication_rule"),
    policies: many("policy", "select replication_rule_id as near, policy_id as far from policy_replication_rule"),
    sessions: many("session", "select replication_rule_id as near, id as far from replication_session"),
  },
};
