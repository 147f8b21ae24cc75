import { AgentUsage, ReportedRepositories } from "@/lib/engine/usage/schemas";
import { ById, everyone, row } from "./row";

export const usageContract = {
  getAgentUsage: row({
    method: "GET",
    path: "/agents/{id}/usage",
    summary: "What an agent occupied over time: counted here, and as its source says.",
    area: "usage",
    roles: everyone,
    reach: "tenant",
    input: ById,
    output: AgentUsage,
  }),
  getReportedRepositories: row({
    method: "GET",
    path: "/pairings/{id}/reported-repositories",
    summary: "A source's own repositories, as it said last.",
    area: "usage",
    roles: everyone,
    reach: "tenant",
    input: ById,
    output: ReportedRepositories,
  }),
} as const;
