import "server-only";
import { SILENT_MS } from "@/lib/engine/sessions/link";
import { field, many, one, type Resource, sql } from "../define";

/** One value of the newest run of a session. */
const ofRun = (column: string) =>
  `(select r.${column} from run r where r.session_id = s.id order by r.created_at desc limit 1)`;

/** The rule of sessions/link.ts for rows: the side that calls knows from its last call, the other one from the silence. */
export const isLinkDownSql = (row: string) =>
  `(case when ${row}.side = 'source' then ${row}.unheard_since is not null
      else coalesce(${row}.heard_at < now() - interval '${SILENT_MS} milliseconds', false) end)`;

/** Replication sessions, as this core sees them. */
export const session: Resource = {
  from: sql(`replication_session s
    left join agent a on a.id = s.agent_id
    left join pairing p on p.id = s.pairing_id`),
  id: sql("s.id"),
  tenant: sql("a.tenant_id"),
  fields: {
    id: field("id", "s.id"),
    side: field("word", "s.side::text"),
    role: field("word", "s.role::text"),
    state: field("word", "s.state::text"),
    epoch: field("integer", "s.epoch"),
    agentId: field("id", "s.agent_id"),
    agentName: field("name", "a.name"),
    tenantId: field("id", "a.tenant_id"),
    repositoryId: field("id", "a.repository_id"),
    isSingleVolume: field("boolean", "a.is_single_volume"),
    /** What is replicated: the only volume of an agent that was made for one, else the agent. */
    subjectId: field(
      "id",
      `(case when a.is_single_volume
          then coalesce((select v.id from volume v where v.agent_id = a.id and v.removed_at is null order by v.id limit 1), a.id)
          else a.id end)`,
    ),
    pairingId: field("id", "s.pairing_id"),
    pairingState: field("word", "p.state::text"),
    peerName: field("name", "p.peer_name"),
    peerCoreId: field("id", "p.peer_core_id"),
    replicationRuleId: field("id", "s.replication_rule_id"),
    policyId: field("id", "s.policy_id"),
    pausedBy: field("word", "s.paused_by"),
    rpoSeconds: field("integer", "s.rpo_seconds"),
    newestPointId: field("id", "s.newest_point_id"),
    newestPointAt: field("instant", "s.newest_point_at"),
    lastSuccessAt: field("instant", "s.last_success_at"),
    lastRunAt: field("instant", "s.last_run_at"),
    nextRunAt: field("instant", "s.next_run_at"),
    lastSyncMs: field("integer", "s.last_sync_ms"),
    consecutiveFailures: field("integer", "s.consecutive_failures"),
    failureCode: field("word", "s.failure_code"),
    failureMessage: field("text", "s.failure_message"),
    failoverKind: field("word", "s.failover_kind::text"),
    failedOverAt: field("instant", "s.failed_over_at"),
    divergedAt: field("instant", "s.diverged_at"),
    isTestRunning: field("boolean", "(s.test_started_at is not null)"),
    testAgentId: field("id", "s.test_agent_id"),
    testPointId: field("id", "s.test_point_id"),
    testStartedAt: field("instant", "s.test_started_at"),
    testEndsAt: field("instant", "s.test_ends_at"),
    heardAt: field("instant", "s.heard_at"),
    isLinkDown: field("boolean", isLinkDownSql("s")),
    runId: field("id", ofRun("id")),
    runState: field("word", ofRun("state::text")),
    runBytesDone: field("integer", ofRun("bytes_done")),
    runBytesTotal: field("integer", ofRun("bytes_total")),
    runEtaSeconds: field("integer", ofRun("eta_seconds")),
    createdAt: field("instant", "s.created_at"),
    updatedAt: field("instant", "s.updated_at"),
  },
  relations: {
    agent: one("agent", "select id as near, agent_id as far from replication_session"),
    pairing: one("pairing", "select id as near, pairing_id as far from replication_session"),
    policy: one("policy", "select id as near, policy_id as far from replication_session"),
    replicationRule: one("replicationRule", "select id as near, replication_rule_id as far from replication_session"),
    volumes: many(
      "volume",
      "select s.id as near, v.id as far from replication_session s join volume v on v.agent_id = s.agent_id and v.removed_at is null",
    ),
    /** The agent as a list, which is empty when the session is about a single volume. */
    groups: many(
      "agent",
      `select s.id as near, a.id as far from replication_session s
         join agent a on a.id = s.agent_id and not a.is_single_volume`,
    ),
    /** The volume of an agent that was made for one. */
    singleVolumes: many(
      "volume",
      `select s.id as near, v.id as far from replication_session s
         join agent a on a.id = s.agent_id and a.is_single_volume join volume v on v.agent_id = a.id and v.removed_at is null`,
    ),
  },
};
