import { accountsContract } from "./accounts";
import { agentRequestsContract } from "./agent-requests";
import { agentsContract } from "./agents";
import { alertsContract } from "./alerts";
import { auditContract } from "./audit";
import { channelsContract } from "./channels";
import { coreContract } from "./core";
import { coreFilesContract } from "./core-files";
import { doorsContract } from "./doors";
import { enrolmentTokensContract } from "./enrolment-tokens";
import { mailContract } from "./mail";
import { meContract } from "./me";
import { orphanedImagesContract } from "./orphaned-images";
import { pairingContract } from "./pairing";
import { peopleContract } from "./people";
import { planPreviewContract } from "./plan-preview";
import { policiesContract } from "./policies";
import { pricePlansContract } from "./price-plans";
import { protectionContract } from "./protection";
import { quotasContract } from "./quotas";
import { recoveryPointsContract } from "./recovery-points";
import { replicationSettingsContract } from "./replication-settings";
import { repositoriesContract } from "./repositories";
import { seedDrivesContract } from "./seed-drives";
import { sessionsContract } from "./sessions";
import { statementMailContract } from "./statement-mail";
import { statementsContract } from "./statements";
import { syncSessionsContract } from "./sync-sessions";
import { systemsContract } from "./systems";
import { tasksContract } from "./tasks";
import { tenantsContract } from "./tenants";
import { usageContract } from "./usage";
import { usageOutlookContract } from "./usage-outlook";
import { usageReportsContract } from "./usage-reports";
import { vaultReplicationsContract } from "./vault-replications";

/** The native API, which the dashboard itself uses. Below /api/v1. */
export const adminContract = {
  ...coreContract,
  ...accountsContract,
  ...meContract,
  ...peopleContract,
  ...repositoriesContract,
  ...syncSessionsContract,
  ...agentsContract,
  ...policiesContract,
  ...recoveryPointsContract,
  ...orphanedImagesContract,
  ...tasksContract,
  ...pairingContract,
  ...enrolmentTokensContract,
  ...tenantsContract,
  ...agentRequestsContract,
  ...sessionsContract,
  ...replicationSettingsContract,
  ...usageContract,
  ...usageReportsContract,
  ...pricePlansContract,
  ...planPreviewContract,
  ...statementsContract,
  ...quotasContract,
  ...usageOutlookContract,
  ...statementMailContract,
  ...coreFilesContract,
  ...seedDrivesContract,
  ...doorsContract,
  ...alertsContract,
  ...channelsContract,
  ...auditContract,
  ...mailContract,
  ...systemsContract,
  ...vaultReplicationsContract,
  ...protectionContract,
} as const;

export type AdminContract = typeof adminContract;
