import { queryOptions } from "@tanstack/react-query";
import { pagedOptions } from "@/components/feedback/use-paged";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { CoreFileReport } from "@/lib/engine/core-files/schemas";
import type { OutgoingFileReport } from "@/lib/engine/outgoing-files/schemas";
import type { UploadReport } from "@/lib/engine/uploads/schemas";

/** A page of choices in a form. */
const CHOICES_LIMIT = 200;

export const coreFilesQuery = () =>
  pagedOptions<CoreFileReport>(["core-files", "kept"], (cursor, signal) =>
    callAdmin(adminContract.listCoreFiles, { cursor }, signal),
  );

export const uploadsQuery = () =>
  pagedOptions<UploadReport>(["core-files", "arriving"], (cursor, signal) =>
    callAdmin(adminContract.listUploads, { cursor }, signal),
  );

export const outgoingFilesQuery = () =>
  pagedOptions<OutgoingFileReport>(["core-files", "outgoing"], (cursor, signal) =>
    callAdmin(adminContract.listOutgoingFiles, { cursor, limit: 10 }, signal),
  );

export const targetsQuery = () =>
  queryOptions({
    queryKey: ["pairings", "targets"],
    queryFn: ({ signal }) =>
      callAdmin(adminContract.listPairings, { state: "established", side: "source", limit: CHOICES_LIMIT }, signal),
  });
