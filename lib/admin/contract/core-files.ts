import { CoreFileReport, ListCoreFilesInput } from "@/lib/engine/core-files/schemas";
import { ListOutgoingFilesInput, OutgoingFileReport } from "@/lib/engine/outgoing-files/schemas";
import { page } from "@/lib/engine/schemas";
import { ListUploadsInput, UploadReport } from "@/lib/engine/uploads/schemas";
import { administrators, ById, everyone, Nothing, operators, row } from "./row";

/** Files for applications. Their bytes travel beside this table: lib/admin/file-streams.ts. */
export const coreFilesContract = {
  listCoreFiles: row({
    method: "GET",
    path: "/core-files",
    summary: "Files that sources sent to this core, newest first.",
    area: "replication",
    roles: everyone,
    input: ListCoreFilesInput,
    output: page(CoreFileReport),
  }),
  deleteCoreFile: row({
    method: "DELETE",
    path: "/core-files/{id}",
    summary: "Remove a file for good.",
    area: "replication",
    roles: administrators,
    input: ById,
    output: Nothing,
  }),
  listUploads: row({
    method: "GET",
    path: "/uploads",
    summary: "Files that sources are sending just now.",
    area: "replication",
    roles: everyone,
    input: ListUploadsInput,
    output: page(UploadReport),
  }),
  cancelUpload: row({
    method: "POST",
    path: "/uploads/{id}/cancel",
    summary: "Stop a file that is being sent here, and drop what came of it.",
    area: "replication",
    roles: operators,
    input: ById,
    output: Nothing,
  }),
  listOutgoingFiles: row({
    method: "GET",
    path: "/outgoing-files",
    summary: "Files on their way from here to targets, and those of the last month.",
    area: "replication",
    roles: everyone,
    input: ListOutgoingFilesInput,
    output: page(OutgoingFileReport),
  }),
  cancelOutgoingFile: row({
    method: "POST",
    path: "/outgoing-files/{id}/cancel",
    summary: "Stop sending a file to a target.",
    area: "replication",
    roles: operators,
    input: ById,
    output: Nothing,
  }),
} as const;
