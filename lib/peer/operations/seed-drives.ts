import { AgentRef } from "@/lib/engine/replication/peer-schemas";
import { ConsumedSeedDrives } from "@/lib/engine/seed-drives/peer-schemas";
import { operation } from "../operation";

export const getConsumedSeedDrives = operation({
  name: "GetConsumedSeedDrives",
  method: "GET",
  path: "/consumedSeedDrives/{agentId}",
  auth: "paired",
  summary: "Seed drives of the caller that carried this agent and were consumed here.",
  input: AgentRef,
  body: "none",
  output: ConsumedSeedDrives,
  answer: "json",
  xmlRoot: "consumedSeedDrives",
  idempotent: true,
  handler: () => import("@/lib/engine/seed-drives").then((m) => m.getConsumedSeedDrives),
});

export const seedDriveOperations = [getConsumedSeedDrives] as const;
