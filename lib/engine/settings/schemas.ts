import { z } from "zod";
import { SignInRules } from "@/lib/engine/accounts/schemas";
import { DoorName } from "@/lib/engine/doors/schemas";
import { KeptMailSettings } from "@/lib/engine/mail/schemas";
import { ProtectionSettings } from "@/lib/engine/protection/schemas";
import { ReplicationSettings, ThrottleSchedule } from "@/lib/engine/replication-settings/schemas";
import { BillingSettings } from "@/lib/engine/statements/schemas";

/** What people may set for the whole core, by name: its shape and what holds before anybody has set it. */
export const SETTINGS = {
  billing: BillingSettings.prefault({}),
  /** Doors of other vendors' APIs that are switched off. */
  closedDoors: z.array(DoorName).max(4).default([]),
  /** Written by lib/engine/mail alone, which keeps its secret out of the audit trail. */
  mail: KeptMailSettings,
  signIn: SignInRules.prefault({}),
  replication: ReplicationSettings.prefault({}),
  replicationThrottle: ThrottleSchedule.prefault({}),
  protection: ProtectionSettings.prefault({}),
} as const satisfies Record<string, z.ZodType>;

export type SettingName = keyof typeof SETTINGS;
export type SettingValue<N extends SettingName> = z.output<(typeof SETTINGS)[N]>;
