import type { MeterName, UsageGroupBy } from "@/lib/engine/usage/schemas";

export const METER_WORDS: Readonly<Record<MeterName, { label: string; meaning: string }>> = {
  stored: { label: "Stored", meaning: "on disk, after deduplication and compression" },
  protected: { label: "Protected", meaning: "logical bytes of the newest recovery points" },
  transferred: { label: "Transferred", meaning: "bytes that crossed the network" },
  agents: { label: "Agents", meaning: "machines with figures" },
};

export const GROUP_WORDS: Readonly<Record<UsageGroupBy, { one: string; many: string }>> = {
  tenant: { one: "Tenant", many: "tenants" },
  agent: { one: "Agent", many: "agents" },
  repository: { one: "Repository", many: "repositories" },
  source: { one: "Source core", many: "source cores" },
};
