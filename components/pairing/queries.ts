import { queryOptions } from "@tanstack/react-query";
import type { z } from "zod";
import { pagedOptions } from "@/components/feedback/use-paged";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { EnrolmentToken } from "@/lib/engine/enrolment-tokens/schemas";
import type { PairingState, PairingSummary, Side } from "@/lib/engine/pairing/schemas";

/** The engine caps pending requests far below this. */
const PENDING_LIMIT = 100;
/** A page of choices in a form; more agents or repositories than this one picks by search, later. */
const CHOICES_LIMIT = 200;

export const pendingQuery = (side: z.infer<typeof Side>) =>
  queryOptions({
    queryKey: ["pairings", "pending", side],
    queryFn: ({ signal }) =>
      callAdmin(adminContract.listPairings, { state: "pending", side, limit: PENDING_LIMIT }, signal),
  });

/** Established peers whose agents wait for this core's answer. */
export const agentRequestsQuery = () =>
  queryOptions({
    queryKey: ["pairings", "agent-requests"],
    queryFn: ({ signal }) =>
      callAdmin(adminContract.listPairings, { agentRequests: "open", limit: PENDING_LIMIT }, signal),
  });

export const pairingsQuery = (state: z.infer<typeof PairingState>) =>
  pagedOptions<PairingSummary>(["pairings", "list", state], (cursor, signal) =>
    callAdmin(adminContract.listPairings, { state, cursor }, signal),
  );

export const enrolmentTokensQuery = () =>
  pagedOptions<EnrolmentToken>(["pairings", "enrolment-tokens"], (cursor, signal) =>
    callAdmin(adminContract.listEnrolmentTokens, { cursor }, signal),
  );

export const tenantChoicesQuery = () =>
  queryOptions({
    queryKey: ["tenants", "choices"],
    queryFn: ({ signal }) => callAdmin(adminContract.listTenants, { limit: CHOICES_LIMIT }, signal),
  });

export const pairingQuery = (id: string) =>
  queryOptions({
    queryKey: ["pairings", "one", id],
    queryFn: ({ signal }) => callAdmin(adminContract.getPairing, { id }, signal),
  });

export const repositoryChoicesQuery = () =>
  queryOptions({
    queryKey: ["repositories", "choices"],
    queryFn: ({ signal }) => callAdmin(adminContract.listRepositories, { limit: CHOICES_LIMIT }, signal),
  });

export const agentChoicesQuery = () =>
  queryOptions({
    queryKey: ["agents", "choices"],
    queryFn: ({ signal }) => callAdmin(adminContract.listAgents, { origin: "local", limit: CHOICES_LIMIT }, signal),
  });

export const thisCoreQuery = () =>
  queryOptions({
    queryKey: ["core"],
    queryFn: ({ signal }) => callAdmin(adminContract.getCore, {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** Among the sessions: it changes with them. */
export const standingQuery = (id: string) =>
  queryOptions({
    queryKey: ["sessions", "standing", id],
    queryFn: ({ signal }) => callAdmin(adminContract.getPeerStanding, { id }, signal),
  });
