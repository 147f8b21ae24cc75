import { page } from "@/lib/engine/schemas";
import {
  ConsumeSeedDriveInput,
  ContinueSeedDriveInput,
  CreateSeedDriveInput,
  ListSeedDrivesInput,
  SeedDriveSummary,
} from "@/lib/engine/seed-drives/schemas";
import { ById, everyone, operators, row } from "./row";

export const seedDrivesContract = {
  listSeedDrives: row({
    method: "GET",
    path: "/seed-drives",
    summary: "Seed drives that were written or consumed on this core, newest first.",
    area: "replication",
    roles: everyone,
    reach: "tenant",
    input: ListSeedDrivesInput,
    output: page(SeedDriveSummary),
  }),
  getSeedDrive: row({
    method: "GET",
    path: "/seed-drives/{id}",
    summary: "One seed drive.",
    area: "replication",
    roles: everyone,
    reach: "tenant",
    input: ById,
    output: SeedDriveSummary,
  }),
  createSeedDrive: row({
    method: "POST",
    path: "/seed-drives",
    summary: "Export recovery points of a pairing to a folder, to be carried to the target.",
    area: "replication",
    roles: operators,
    input: CreateSeedDriveInput,
    output: SeedDriveSummary,
  }),
  continueSeedDrive: row({
    method: "POST",
    path: "/seed-drives/{id}/continue",
    summary: "Go on with an export: in the next folder when the drive is full, else in the last one.",
    area: "replication",
    roles: operators,
    input: ContinueSeedDriveInput,
    output: SeedDriveSummary,
  }),
  abandonSeedDrive: row({
    method: "POST",
    path: "/seed-drives/{id}/abandon",
    summary: "Give a seed drive up. What was taken over of it stays; replication sends the rest.",
    area: "replication",
    roles: operators,
    input: ById,
    output: SeedDriveSummary,
  }),
  consumeSeedDrive: row({
    method: "POST",
    path: "/seed-drives/consume",
    summary: "Take over what a folder of a seed drive carries.",
    area: "replication",
    roles: operators,
    input: ConsumeSeedDriveInput,
    output: SeedDriveSummary,
  }),
} as const;
