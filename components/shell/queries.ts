import { queryOptions } from "@tanstack/react-query";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";

export const coreQuery = () =>
  queryOptions({
    queryKey: ["core"],
    queryFn: ({ signal }) => callAdmin(adminContract.getCore, {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** One row is enough: the badge shows the total. */
export const pendingCountQuery = () =>
  queryOptions({
    queryKey: ["pairings", "pending-count"],
    queryFn: ({ signal }) =>
      callAdmin(adminContract.listPairings, { state: "pending", side: "target", limit: 1 }, signal),
    select: (page) => page.total,
  });

/** Paired cores that ask to replicate more agents to here. */
export const askingCountQuery = () =>
  queryOptions({
    queryKey: ["pairings", "asking-count"],
    queryFn: ({ signal }) => callAdmin(adminContract.listPairings, { agentRequests: "open", limit: 1 }, signal),
    select: (page) => page.total,
  });
