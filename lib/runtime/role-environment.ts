import { z } from "zod";

const RoleVariables = z.object({
  TWINCORE_CORE_ID: z.string().min(1),
  TWINCORE_LISTEN_HOST: z.string().min(1),
  TWINCORE_LISTEN_PORT: z.coerce.number().int().min(1).max(65_535),
  TWINCORE_HOST_NAMES: z.string().transform((text) => text.split(",")),
  TWINCORE_DEV: z.string().transform((text) => text === "1"),
});

/** What the supervisor hands to one role process beyond lib/env.ts. */
export interface RoleSettings {
  coreId: string;
  host: string;
  port: number;
  /** Names and addresses for the listener's certificate. */
  hostNames: string[];
  dev: boolean;
}

/** Reads what the supervisor has set; a role process is never started by hand. */
export function readRoleSettings(): RoleSettings {
  const variables = RoleVariables.parse(process.env);
  return {
    coreId: variables.TWINCORE_CORE_ID,
    host: variables.TWINCORE_LISTEN_HOST,
    port: variables.TWINCORE_LISTEN_PORT,
    hostNames: variables.TWINCORE_HOST_NAMES,
    dev: variables.TWINCORE_DEV,
  };
}
