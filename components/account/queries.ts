import { queryOptions } from "@tanstack/react-query";
import { pagedOptions } from "@/components/feedback/use-paged";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { SignInReport } from "@/lib/engine/accounts/schemas";

export const secondFactorQuery = () =>
  queryOptions({
    queryKey: ["me", "second-factor"],
    queryFn: ({ signal }) => callAdmin(adminContract.getSecondFactor, {}, signal),
  });

export const ownSignInsQuery = () =>
  pagedOptions<SignInReport>(["sign-ins", "own"], (cursor, signal) =>
    callAdmin(adminContract.listOwnSignIns, { cursor }, signal),
  );
