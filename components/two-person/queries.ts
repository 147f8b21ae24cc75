import { pagedOptions } from "@/components/feedback/use-paged";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { ListTwoPersonRequestsInput, TwoPersonRequest } from "@/lib/engine/protection/schemas";

export const touches = [["two-person"], ["alerts"]] as const;

export const requestsQuery = (state: NonNullable<ListTwoPersonRequestsInput["state"]>) =>
  pagedOptions<TwoPersonRequest>(["two-person", "list", state], (cursor, signal) =>
    callAdmin(adminContract.listTwoPersonRequests, { state, cursor }, signal),
  );
