import { z } from "zod";

/** Internal result codes of this API: 0 success, 1 warning, 2 error, 3 partial success. */
export const Result = z.object({ code: z.number().int(), message: z.string().optional() });
export const Done = z.object({ result: z.array(Result) });
export type Done = z.infer<typeof Done>;

export const done = (message?: string): Done => ({
  result: [message === undefined ? { code: 0 } : { code: 0, message }],
});

export const PendingRow = z.object({
  request_id: z.number().int(),
  host: z.string(),
  asset_tag: z.string(),
  status: z.string(),
  created: z.string(),
  updated: z.string().optional(),
  message: z.string().optional(),
  system_id: z.number().int().optional(),
  verification_code: z.string(),
});
export type PendingRow = z.infer<typeof PendingRow>;

export const TargetRow = z.object({
  host: z.string(),
  status: z.string(),
  created: z.string(),
  updated: z.string(),
  last_poll: z.string().optional(),
  suspend_toggled: z.boolean(),
  is_suspended_by_source: z.boolean(),
  suspend_toggled_by_source: z.boolean(),
  type: z.string().optional(),
  name: z.string().optional(),
});
export type TargetRow = z.infer<typeof TargetRow>;

export const SystemRow = z.object({
  id: z.number().int(),
  is_pending: z.boolean(),
  request_id: z.number().int().nullable(),
  name: z.string(),
  host: z.string(),
  asset_tag: z.string(),
  role: z.string(),
  version: z.string(),
  version_status: z.string(),
  online: z.boolean(),
  status: z.string(),
  local: z.boolean(),
  total_mb_size: z.number(),
  total_mb_free: z.number(),
  archiving: z.boolean(),
  replicating: z.boolean(),
  customer_id: z.string().nullable(),
  customer_name: z.string(),
  location_id: z.null(),
  location_name: z.string(),
  registered_assets: z.number().int(),
  storage_name: z.string(),
  message: z.string(),
  created: z.string(),
  updated: z.string(),
});
export type SystemRow = z.infer<typeof SystemRow>;

export const StorageRow = z.object({
  id: z.number().int(),
  name: z.string(),
  sid: z.number().int(),
  type: z.string(),
  usage: z.string(),
  is_default: z.boolean(),
  status: z.string(),
  mb_size: z.number(),
  mb_free: z.number(),
  mb_used: z.number(),
});
export type StorageRow = z.infer<typeof StorageRow>;

export const ActiveRow = z.object({
  id: z.number().int().nullable(),
  queue_position: z.number().int(),
  client_name: z.string(),
  instance_name: z.string(),
  system_name: z.string(),
  type: z.literal("replication"),
  schedule_name: z.string(),
  mode: z.string(),
  sid: z.number().int(),
  name: z.string(),
  target: z.string(),
  backup_id: z.number().int().nullable(),
  size: z.number(),
  data_written: z.number(),
  start_date: z.string(),
  duration: z.string(),
  percent_complete: z.string(),
  phase_start_date: z.string(),
  phase_completion: z.string(),
  phase_elapsed_time: z.string(),
  status: z.string(),
  suspendable: z.boolean(),
  cancellable: z.boolean(),
});
export type ActiveRow = z.infer<typeof ActiveRow>;

export const InactiveRow = z.object({
  queue_position: z.number().int(),
  target: z.string(),
  backup_id: z.number().int().nullable(),
  type: z.literal("replication"),
  name: z.string(),
  instance_name: z.string(),
  size: z.number(),
  start_date: z.string(),
  status: z.string(),
});
export type InactiveRow = z.infer<typeof InactiveRow>;

export const Config = z.object({
  max_concurrent: z.number().int(),
  report_mail_to: z.string(),
  report_time: z.string(),
  queue_scheme: z.string(),
  strategy: z.string(),
  enabled: z.boolean(),
});
export type Config = z.infer<typeof Config>;

export const ThrottleRow = z.object({
  percentage: z.number().int(),
  days: z.array(z.number().int()),
  start: z.string(),
  end: z.string(),
});
export const Throttle = z.object({
  throttle: z.array(ThrottleRow),
  BlockoutPeriod: z.array(ThrottleRow),
  bandwidths: z.array(z.object({ name: z.string(), value: z.number(), selected: z.boolean() })),
  time_zone: z.string(),
});
export type Throttle = z.infer<typeof Throttle>;
