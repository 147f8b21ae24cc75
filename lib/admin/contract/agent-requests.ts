import {
  AgentRequestChecks,
  ApproveAgentsInput,
  DenyAgentsInput,
  SendAgentRequestInput,
  VerifyAgentRequestInput,
} from "@/lib/engine/pairing/agents/schemas";
import { PairingSummary } from "@/lib/engine/pairing/schemas";
import { administrators, approvers, row } from "./row";

/** Agents that join an established pairing. Those that wait for this core's answer: GET /pairings?agentRequests=open. */
export const agentRequestsContract = {
  verifyAgentRequest: row({
    method: "POST",
    path: "/pairings/{id}/agents/verify",
    summary: "What the other core says to more agents of this one, check by check; changes nothing.",
    area: "pairing",
    roles: administrators,
    input: VerifyAgentRequestInput,
    output: AgentRequestChecks,
  }),
  sendAgentRequest: row({
    method: "POST",
    path: "/pairings/{id}/agents",
    summary: "Ask a paired core to take more agents of this one.",
    area: "pairing",
    roles: administrators,
    input: SendAgentRequestInput,
    output: PairingSummary,
  }),
  approveAgents: row({
    method: "POST",
    path: "/pairings/{id}/agents/approve",
    summary: "Take agents in that a paired core asks for, each into its repository.",
    area: "pairing",
    roles: approvers,
    reach: "tenant",
    input: ApproveAgentsInput,
    output: PairingSummary,
  }),
  denyAgents: row({
    method: "POST",
    path: "/pairings/{id}/agents/deny",
    summary: "Refuse agents that a paired core asks for, and say why.",
    area: "pairing",
    roles: approvers,
    reach: "tenant",
    input: DenyAgentsInput,
    output: PairingSummary,
  }),
} as const;
