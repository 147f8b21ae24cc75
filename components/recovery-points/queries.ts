import { queryOptions } from "@tanstack/react-query";
import { API_PREFIX, callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";

/** What it holds never changes; its label and lock do. */
export const recoveryPointQuery = (id: string) =>
  queryOptions({
    queryKey: ["recovery-points", "one", id],
    queryFn: ({ signal }) => callAdmin(adminContract.getRecoveryPoint, { id }, signal),
  });

export interface ImagePlace {
  recoveryPointId: string;
  imageId: string;
}

/** Nor does what a folder of it holds: asked once, kept. */
export const folderKey = ({ imageId }: ImagePlace, folder: string) => ["recovery-points", "folder", imageId, folder];

export const fetchFolder = (place: ImagePlace, folder: string, cursor: string | undefined, signal: AbortSignal) =>
  callAdmin(adminContract.browseImage, { ...place, folder, cursor }, signal);

export const imageAddress = ({ recoveryPointId, imageId }: ImagePlace) =>
  `${API_PREFIX}/recovery-points/${recoveryPointId}/images/${imageId}/content`;

export const fileAddress = ({ recoveryPointId, imageId }: ImagePlace, pathBase64: string) =>
  `${API_PREFIX}/recovery-points/${recoveryPointId}/images/${imageId}/file?path=${encodeURIComponent(pathBase64)}`;
