import { queryOptions } from "@tanstack/react-query";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";

export const overviewQuery = () =>
  queryOptions({
    queryKey: ["overview"],
    queryFn: ({ signal }) => callAdmin(adminContract.getOverview, {}, signal),
  });
