import { queryOptions } from "@tanstack/react-query";
import { pagedOptions } from "@/components/feedback/use-paged";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { AccountReport, ListAccountsInput, SignInReport } from "@/lib/engine/accounts/schemas";

export type AccountFilter = Pick<ListAccountsInput, "text" | "role" | "state">;

export const accountsQuery = (filter: AccountFilter) =>
  pagedOptions<AccountReport>(["accounts", "list", filter], (cursor, signal) =>
    callAdmin(adminContract.listAccounts, { ...filter, cursor }, signal),
  );

export const accountQuery = (id: string) =>
  queryOptions({
    queryKey: ["accounts", id],
    queryFn: ({ signal }) => callAdmin(adminContract.getAccount, { id }, signal),
  });

/** Of one account, or of everybody. */
export const signInsQuery = (accountId?: string) =>
  pagedOptions<SignInReport>(["sign-ins", accountId ?? "all"], (cursor, signal) =>
    callAdmin(adminContract.listSignIns, { accountId, cursor }, signal),
  );

/** As many as one page of the API has; who has more customers chooses by their names in the list. */
const TENANTS_MAX = 200;

export const tenantChoiceQuery = () =>
  queryOptions({
    queryKey: ["tenants", "choice"],
    queryFn: async ({ signal }) => (await callAdmin(adminContract.listTenants, { limit: TENANTS_MAX }, signal)).items,
  });

export const signInRulesQuery = () =>
  queryOptions({
    queryKey: ["sign-in-rules"],
    queryFn: ({ signal }) => callAdmin(adminContract.getSignInRules, {}, signal),
  });

export const TOUCHES = [["accounts"], ["sign-ins"]] as const;
