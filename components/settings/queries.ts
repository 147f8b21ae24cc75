import { queryOptions } from "@tanstack/react-query";
import { pagedOptions } from "@/components/feedback/use-paged";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { ApiToken } from "@/lib/engine/accounts/schemas";

export const tokensQuery = () =>
  pagedOptions<ApiToken>(["tokens"], (cursor, signal) => callAdmin(adminContract.listApiTokens, { cursor }, signal));

export const coreQuery = () =>
  queryOptions({
    queryKey: ["core"],
    queryFn: ({ signal }) => callAdmin(adminContract.getCore, {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
