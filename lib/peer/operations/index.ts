import type { AnyOperation } from "../operation";
import { addAgentOperations } from "./add-agents";
import { agentViewOperations } from "./agent-views";
import { agentOperations } from "./agents";
import { directOperations } from "./direct";
import { exchangeOperations } from "./exchange";
import { imageOperations } from "./images";
import { jobOperations } from "./jobs";
import { metadataOperations } from "./metadata";
import { pairingOperations } from "./pairing";
import { pullOperations } from "./pull";
import { recoveryPointOperations } from "./recovery-points";
import { seedDriveOperations } from "./seed-drives";
import { sessionOperations } from "./sessions";
import { uploadOperations } from "./uploads";
import { usageOperations } from "./usage";

/** Every operation of the contract that this core answers. */
export const operations: readonly AnyOperation[] = [
  ...pairingOperations,
  ...agentOperations,
  ...agentViewOperations,
  ...addAgentOperations,
  ...recoveryPointOperations,
  ...jobOperations,
  ...imageOperations,
  ...directOperations,
  ...usageOperations,
  ...uploadOperations,
  ...exchangeOperations,
  ...metadataOperations,
  ...seedDriveOperations,
  ...pullOperations,
  ...sessionOperations,
];
