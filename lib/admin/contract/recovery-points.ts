import { z } from "zod";
import {
  BrowseEntry,
  BrowseInput,
  RecoveryPointDetail,
  RestoreInput,
  UpdateRecoveryPointInput,
} from "@/lib/engine/recovery-points/schemas";
import { TaskReport } from "@/lib/engine/tasks/schemas";
import { administrators, ById, everyone, Nothing, operators, row } from "./row";

export const recoveryPointsContract = {
  getRecoveryPoint: row({
    method: "GET",
    path: "/recovery-points/{id}",
    summary: "One recovery point with its volume images.",
    area: "protection",
    roles: everyone,
    reach: "tenant",
    input: ById,
    output: RecoveryPointDetail,
  }),
  updateRecoveryPoint: row({
    method: "PATCH",
    path: "/recovery-points/{id}",
    summary: "Label a recovery point, lock or unlock it; targets hear of it.",
    area: "protection",
    roles: operators,
    reach: "tenant",
    input: UpdateRecoveryPointInput,
    output: RecoveryPointDetail,
  }),
  deleteRecoveryPoint: row({
    method: "DELETE",
    path: "/recovery-points/{id}",
    summary: "Delete a recovery point of this core; a locked one is refused.",
    area: "protection",
    roles: administrators,
    reach: "tenant",
    input: ById,
    output: Nothing,
  }),
  browseImage: row({
    method: "GET",
    path: "/recovery-points/{recoveryPointId}/images/{imageId}/entries",
    summary: "What a folder of a folder image holds.",
    area: "protection",
    roles: operators,
    reach: "tenant",
    input: BrowseInput,
    output: z.object({ items: z.array(BrowseEntry), nextCursor: z.string().nullable() }),
  }),
  startRestore: row({
    method: "POST",
    path: "/recovery-points/{recoveryPointId}/images/{imageId}/restores",
    summary: "Restore an image into a folder or file of this machine.",
    area: "protection",
    roles: operators,
    input: RestoreInput,
    output: TaskReport,
  }),
} as const;
