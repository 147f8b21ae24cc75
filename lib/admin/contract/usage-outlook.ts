import { StorageOutlook } from "@/lib/engine/usage-outlook/schemas";
import { everyone, Nothing, row } from "./row";

export const usageOutlookContract = {
  getStorageOutlook: row({
    method: "GET",
    path: "/usage/outlook",
    summary: "When each repository will be full if it grows on as it did, the first one first.",
    area: "usage",
    roles: everyone,
    reach: "tenant",
    input: Nothing,
    output: StorageOutlook,
  }),
} as const;
