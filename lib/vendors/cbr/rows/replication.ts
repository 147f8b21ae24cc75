import { everyone, operators, vendorRow } from "../../row";
import {
  CapabilitiesInput,
  CapabilitiesOutput,
  ReplicateBackupInput,
  ReplicateBackupOutput,
  ReplicateCheckpointInput,
  ReplicateCheckpointOutput,
} from "../schemas/replication";

export const replicationRows = [
  vendorRow({
    name: "replicateCheckpoint",
    method: "POST",
    path: "/v3/{project_id}/checkpoints/replicate",
    summary: "Replicates all backups of a vault to a vault of another core.",
    roles: operators,
    input: ReplicateCheckpointInput,
    output: ReplicateCheckpointOutput,
    status: 200,
    handler: async () => (await import("../handlers/replication")).replicateCheckpoint,
  }),
  vendorRow({
    name: "replicateBackup",
    method: "POST",
    path: "/v3/{project_id}/backups/{backup_id}/replicate",
    summary: "Replicates one backup to a vault of another core.",
    roles: operators,
    input: ReplicateBackupInput,
    output: ReplicateBackupOutput,
    status: 202,
    handler: async () => (await import("../handlers/replication")).replicateBackup,
  }),
  vendorRow({
    name: "listCapabilities",
    method: "GET",
    path: "/v3/{project_id}/replication-capabilities",
    summary: "Where this core replicates to.",
    roles: everyone,
    input: CapabilitiesInput,
    output: CapabilitiesOutput,
    status: 200,
    handler: async () => (await import("../handlers/replication")).listCapabilities,
  }),
];
