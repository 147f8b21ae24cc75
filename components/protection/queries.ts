import { queryOptions } from "@tanstack/react-query";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";

/** Asked anew each time: another tab may have proved it, or turned a second factor on. */
export const proofQuery = () =>
  queryOptions({
    queryKey: ["proof"],
    queryFn: ({ signal }) => callAdmin(adminContract.getProof, {}, signal),
    gcTime: 0,
    staleTime: 0,
  });

export const protectionQuery = () =>
  queryOptions({
    queryKey: ["protection"],
    queryFn: ({ signal }) => callAdmin(adminContract.getProtection, {}, signal),
  });
