import { z } from "zod";
import { CbrId } from "../values";

const Destination = {
  destination_project_id: CbrId,
  destination_region: z.string().min(1).max(255),
  destination_vault_id: CbrId,
};

/** gophertelekomcloud wraps the body once more: {"checkpoint": {"replicate": …}}. */
const unwrapped = (body: unknown): unknown => {
  if (typeof body !== "object" || body === null || "replicate" in body || !("checkpoint" in body)) return body;
  return body.checkpoint;
};

export const ReplicateCheckpointInput = z.object({
  project_id: CbrId,
  body: z.preprocess(
    unwrapped,
    z.object({
      replicate: z.object({
        ...Destination,
        vault_id: CbrId,
        auto_trigger: z.boolean().nullish(),
        enable_acceleration: z.boolean().nullish(),
        cross_account_urn: z.string().max(512).nullish(),
      }),
    }),
  ),
});

export const ReplicateBackupInput = z.object({
  project_id: CbrId,
  backup_id: CbrId,
  body: z.object({
    replicate: z.object({
      ...Destination,
      name: z.string().max(64).nullish(),
      description: z.string().max(255).nullish(),
      enable_acceleration: z.boolean().nullish(),
    }),
  }),
});

const Replication = {
  destination_project_id: z.string(),
  destination_region: z.string(),
  destination_vault_id: z.string(),
  project_id: z.string(),
  provider_id: z.string(),
  source_region: z.string(),
};

export const ReplicateCheckpointOutput = z.object({
  replication: z.object({
    ...Replication,
    vault_id: z.string(),
    backups: z.array(z.object({ backup_id: z.string(), replication_record_id: z.string() })),
  }),
});

export const ReplicateBackupOutput = z.object({
  replication: z.object({ ...Replication, backup_id: z.string(), replication_record_id: z.string() }),
});

export const CapabilitiesInput = z.object({ project_id: CbrId });
export const CapabilitiesOutput = z.object({
  regions: z.array(z.object({ name: z.string(), replication_destinations: z.array(z.string()) })),
});
