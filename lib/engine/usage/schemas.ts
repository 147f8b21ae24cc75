import { z } from "zod";
import { Bytes, Id, Instant } from "@/lib/engine/schemas";

export { Day, Decimal, METER_UNITS, METERS, MeterName, Month, Whole } from "./meters";

/** What an agent came to at one moment. */
export const AgentUsageSample = z.object({
  at: Instant,
  /** Logical bytes of the newest recovery point. */
  protectedBytes: Bytes,
  /** Pack bytes that its points brought; null where a source does not say. */
  storedBytes: Bytes.nullable(),
  recoveryPoints: z.number().int().nonnegative(),
});
export type AgentUsageSample = z.infer<typeof AgentUsageSample>;

export const AgentUsage = z.object({
  /** Counted here; the newest 500, oldest first. */
  measured: z.array(AgentUsageSample),
  /** Replicas: said by the source of its own storage. */
  reported: z.array(AgentUsageSample),
});
export type AgentUsage = z.infer<typeof AgentUsage>;

/** A repository of a source, as it said last. */
export const ReportedRepository = z.object({
  repositoryId: Id,
  name: z.string(),
  bytesFree: Bytes,
  bytesUsed: Bytes,
  at: Instant,
});
export type ReportedRepository = z.infer<typeof ReportedRepository>;

export const ReportedRepositories = z.object({ repositories: z.array(ReportedRepository) });
export type ReportedRepositories = z.infer<typeof ReportedRepositories>;
