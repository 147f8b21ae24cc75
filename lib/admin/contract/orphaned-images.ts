import { ListOrphanedImagesInput, OrphanedImage } from "@/lib/engine/orphaned-images/schemas";
import { RecoveryPointDetail } from "@/lib/engine/recovery-points/schemas";
import { page } from "@/lib/engine/schemas";
import { ById, everyone, Nothing, operators, row } from "./row";

export const orphanedImagesContract = {
  listOrphanedImages: row({
    method: "GET",
    path: "/agents/{agentId}/orphaned-images",
    summary: "Images of an agent that are complete here although their recovery point is not.",
    area: "repositories",
    roles: everyone,
    reach: "tenant",
    input: ListOrphanedImagesInput,
    output: page(OrphanedImage),
  }),
  adoptOrphanedImages: row({
    method: "POST",
    path: "/orphaned-images/{id}/adopt",
    summary: "Make a recovery point of the images of its point that are here, marked as incomplete.",
    area: "repositories",
    roles: operators,
    reach: "tenant",
    input: ById,
    output: RecoveryPointDetail,
  }),
  removeOrphanedImage: row({
    method: "DELETE",
    path: "/orphaned-images/{id}",
    summary: "Remove an orphaned image.",
    area: "repositories",
    roles: operators,
    reach: "tenant",
    input: ById,
    output: Nothing,
  }),
} as const;
