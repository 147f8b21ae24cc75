import {
  AgentQuotas,
  AgentQuotasInput,
  ListQuotasInput,
  QuotaPage,
  RemoveQuotaInput,
  SetQuotaInput,
  TenantQuotas,
  TenantQuotasInput,
} from "@/lib/engine/quotas/schemas";
import { administrators, everyone, Nothing, row } from "./row";

export const quotasContract = {
  listQuotas: row({
    method: "GET",
    path: "/quotas",
    summary:
      "How every tenant stands with its quotas, by name: used bytes, sizes, state, the day they will be used up.",
    area: "tenants",
    roles: everyone,
    reach: "tenant",
    input: ListQuotasInput,
    output: QuotaPage,
  }),
  getTenantQuotas: row({
    method: "GET",
    path: "/tenants/{tenantId}/quotas",
    summary: "A tenant's quotas, those of its agents, and the agents whose new data they refuse.",
    area: "tenants",
    roles: everyone,
    reach: "tenant",
    input: TenantQuotasInput,
    output: TenantQuotas,
  }),
  getAgentQuotas: row({
    method: "GET",
    path: "/agents/{agentId}/quotas",
    summary: "An agent's quotas, and those of its tenant, which bind it too.",
    area: "protection",
    roles: everyone,
    reach: "tenant",
    input: AgentQuotasInput,
    output: AgentQuotas,
  }),
  setQuota: row({
    method: "PUT",
    path: "/quotas",
    summary: "Set how much a tenant or an agent may store or protect. Runs that wait for room go on by themselves.",
    area: "tenants",
    roles: administrators,
    input: SetQuotaInput,
    output: Nothing,
  }),
  removeQuota: row({
    method: "DELETE",
    path: "/quotas",
    summary: "Nothing limits the tenant or agent in this meter any more.",
    area: "tenants",
    roles: administrators,
    input: RemoveQuotaInput,
    output: Nothing,
  }),
} as const;
