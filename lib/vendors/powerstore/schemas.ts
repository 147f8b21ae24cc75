import { z } from "zod";
import { INTERVAL_MINUTES, RPO_SECONDS } from "./table/words";

// Bodies are strict: this API refuses a property that it does not know.

/** An id, or "name:" and a name. */
export const Identifier = z.string().trim().min(1).max(300);

/** select, order, limit, offset, and filters as property=[not.]operator.value. */
export const Query = z
  .array(z.tuple([z.string().max(200), z.string().max(20_000)]))
  .max(200)
  .describe("select, order, limit, offset, and filters: property=[not.]operator.value, and=(…), or=(…)");

export const ListInput = z.object({ query: Query });
export const GetInput = z.object({ id: Identifier, query: Query });
export const Shown = z.record(z.string(), z.unknown());

/** A new object, or the job of an order that was placed with is_async; nothing where the answer is 204. */
export const Created = z.object({ id: z.string() });
export const CreatedLater = Created.optional();

export const NoBody = z.strictObject({ id: Identifier });

const Name = z.string().trim().min(1).max(128);
const Description = z.string().max(256);
/** Go sends null for a list that it does not have. */
const Ids = z.array(Identifier).max(1000).nullable();

export const FailoverInput = z.strictObject({
  id: Identifier,
  is_planned: z.boolean().default(true),
  reverse: z.boolean().default(false),
  force: z.boolean().default(false),
  use_test_copy: z.boolean().default(false),
  failover_snapshot_id: Identifier.nullable().optional(),
});
export const ReprotectInput = z.strictObject({
  id: Identifier,
  discard_changes_after_failover: z.boolean().nullable().optional(),
});
export const StartTestInput = z.strictObject({ id: Identifier, snapshot_id: Identifier.nullable().optional() });
export const StopTestInput = z.strictObject({
  id: Identifier,
  create_end_of_test_snapshot: z.boolean().default(false),
  force: z.boolean().default(false),
});
export const StoppedTest = z.union([z.object({ snapshot_id: z.string() }), Created]).optional();
export const ModifySessionInput = z.strictObject({ id: Identifier, role: z.string().max(60) });

const Rpo = z.enum([...(Object.keys(RPO_SECONDS) as [string, ...string[]]), "Zero"]);
const Threshold = z.number().int().min(0).max(1440);

export const CreateReplicationRuleInput = z.strictObject({
  name: Name,
  rpo: Rpo,
  remote_system_id: Identifier,
  alert_threshold: Threshold.nullable().optional(),
  is_read_only: z.boolean().nullable().optional(),
});
export const ModifyReplicationRuleInput = z.strictObject({
  id: Identifier,
  name: Name.optional(),
  rpo: Rpo.optional(),
  remote_system_id: Identifier.optional(),
  alert_threshold: Threshold.optional(),
});
export const CloneInput = z.strictObject({
  id: Identifier,
  name: Name,
  description: Description.optional(),
  force: z.boolean().optional(),
});

const Interval = z.enum(Object.keys(INTERVAL_MINUTES) as [string, ...string[]]);
const schedule = {
  interval: Interval.nullable().optional(),
  time_of_day: z
    .string()
    .regex(/^\d\d:\d\d$/)
    .nullable()
    .optional(),
  timezone: z.string().max(64).nullable().optional(),
  days_of_week: z.array(z.string().max(20)).max(7).nullable().optional(),
  nas_access_type: z.string().max(40).nullable().optional(),
  is_secure: z.boolean().nullable().optional(),
};
export const CreateSnapshotRuleInput = z.strictObject({
  name: Name,
  ...schedule,
  desired_retention: z.number().int().min(0).nullable().optional(),
  is_read_only: z.boolean().nullable().optional(),
});
export const ModifySnapshotRuleInput = z.strictObject({
  id: Identifier,
  name: Name.optional(),
  ...schedule,
  desired_retention: z.number().int().min(0).nullable().optional(),
});

export const CreatePolicyInput = z.strictObject({
  name: Name,
  description: Description.nullable().optional(),
  type: z.literal("Protection").optional(),
  snapshot_rule_ids: Ids.optional(),
  replication_rule_ids: Ids.optional(),
  is_read_only: z.boolean().nullable().optional(),
});
export const ModifyPolicyInput = z.strictObject({
  id: Identifier,
  name: Name.optional(),
  description: Description.nullable().optional(),
  snapshot_rule_ids: Ids.optional(),
  replication_rule_ids: Ids.optional(),
  add_snapshot_rule_ids: Ids.optional(),
  add_replication_rule_ids: Ids.optional(),
  remove_snapshot_rule_ids: Ids.optional(),
  remove_replication_rule_ids: Ids.optional(),
});

export const CreateRemoteSystemInput = z.strictObject({
  management_address: z.string().trim().min(1).max(253),
  type: z.literal("PowerStore").default("PowerStore"),
  description: Description.nullable().optional(),
  data_network_latency: z.enum(["Low", "High"]).nullable().optional(),
  remote_username: z.string().max(254).nullable().optional(),
  remote_password: z.string().max(1024).nullable().optional(),
  name: Name.nullable().optional(),
});
export const ModifyRemoteSystemInput = z.strictObject({
  id: Identifier,
  description: Description.nullable().optional(),
  management_address: z.string().trim().min(1).max(253).optional(),
  data_network_latency: z.enum(["Low", "High"]).nullable().optional(),
});

const VOLUME_BYTES_MIN = 1024 ** 2;
const VOLUME_BYTES_MAX = 256 * 1024 ** 4;
const VOLUME_BYTES_STEP = 8192;
/** What clients of an array also send, and what says nothing to a core. */
const ignored = {
  appliance_id: z.string().max(60).nullable().optional(),
  performance_policy_id: z.string().max(300).nullable().optional(),
  app_type: z.string().max(60).nullable().optional(),
  app_type_other: z.string().max(60).nullable().optional(),
  node_affinity: z.string().max(60).nullable().optional(),
};
/** An empty text or null takes the policy away. */
const PolicyId = z.string().trim().max(300).nullable();

export const CreateVolumeInput = z.strictObject({
  name: Name,
  size: z.number().int().min(VOLUME_BYTES_MIN).max(VOLUME_BYTES_MAX).multipleOf(VOLUME_BYTES_STEP),
  description: Description.nullable().optional(),
  volume_group_id: z.string().trim().max(300).nullable().optional(),
  protection_policy_id: PolicyId.optional(),
  ...ignored,
});
export const ModifyVolumeInput = z.strictObject({
  id: Identifier,
  name: Name.optional(),
  description: Description.nullable().optional(),
  protection_policy_id: PolicyId.optional(),
  size: z.number().int().min(VOLUME_BYTES_MIN).max(VOLUME_BYTES_MAX).multipleOf(VOLUME_BYTES_STEP).optional(),
  ...ignored,
});
export const CreateVolumeGroupInput = z.strictObject({
  name: Name,
  description: Description.nullable().optional(),
  protection_policy_id: PolicyId.optional(),
  is_write_order_consistent: z.boolean().nullable().optional(),
  placement_rule: z.string().max(60).nullable().optional(),
  volume_ids: Ids.optional(),
});
export const ModifyVolumeGroupInput = z.strictObject({
  id: Identifier,
  name: Name.optional(),
  description: Description.nullable().optional(),
  protection_policy_id: PolicyId.optional(),
  is_write_order_consistent: z.boolean().nullable().optional(),
  placement_rule: z.string().max(60).nullable().optional(),
  expiration_timestamp: z.string().max(60).nullable().optional(),
});
export const MembersInput = z.strictObject({ id: Identifier, volume_ids: z.array(Identifier).min(1).max(1000) });
/** DELETE of a volume or group may say what to do with what belongs to it on an array. */
export const DeleteInput = z.strictObject({ id: Identifier, delete_members: z.boolean().nullable().optional() });
