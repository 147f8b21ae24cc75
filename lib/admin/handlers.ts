import "server-only";
import type { z } from "zod";
import * as accessKeys from "@/lib/engine/access-keys";
import * as accounts from "@/lib/engine/accounts";
import * as agents from "@/lib/engine/agents";
import * as alertRules from "@/lib/engine/alert-rules";
import * as alerts from "@/lib/engine/alerts";
import * as audit from "@/lib/engine/audit";
import * as channels from "@/lib/engine/channels";
import type { EngineContext } from "@/lib/engine/context";
import * as core from "@/lib/engine/core";
import * as coreFiles from "@/lib/engine/core-files";
import * as deliveries from "@/lib/engine/deliveries";
import * as doors from "@/lib/engine/doors";
import * as enrolmentTokens from "@/lib/engine/enrolment-tokens";
import * as mail from "@/lib/engine/mail";
import * as managedVolumes from "@/lib/engine/managed-volumes";
import * as orphanedImages from "@/lib/engine/orphaned-images";
import * as outgoingFiles from "@/lib/engine/outgoing-files";
import * as pairing from "@/lib/engine/pairing";
import * as pairingAgents from "@/lib/engine/pairing/agents";
import * as policies from "@/lib/engine/policies";
import * as protection from "@/lib/engine/protection";
import * as quotas from "@/lib/engine/quotas";
import * as recoveryPoints from "@/lib/engine/recovery-points";
import * as queue from "@/lib/engine/replication-queue";
import * as replicationRules from "@/lib/engine/replication-rules";
import * as replicationSettings from "@/lib/engine/replication-settings";
import * as repositories from "@/lib/engine/repositories";
import * as seedDrives from "@/lib/engine/seed-drives";
import * as sessions from "@/lib/engine/sessions";
import * as snapshotRules from "@/lib/engine/snapshot-rules";
import * as syncSessions from "@/lib/engine/sync-sessions";
import * as systems from "@/lib/engine/systems";
import * as tasks from "@/lib/engine/tasks";
import * as tenants from "@/lib/engine/tenants";
import * as uploads from "@/lib/engine/uploads";
import * as usage from "@/lib/engine/usage";
import * as vaultReplications from "@/lib/engine/vault-replications";
import * as vendorSignIns from "@/lib/engine/vendor-sign-ins";
import { billingHandlers } from "./billing-handlers";
import type { AdminContract } from "./contract";

type Handlers = {
  readonly [K in keyof AdminContract]: (
    ctx: EngineContext,
    input: z.output<AdminContract[K]["input"]>,
    request: Request,
  ) => Promise<z.input<AdminContract[K]["output"]>>;
};

/** Each row of the native API and the one engine verb behind it. */
export const handlers: Handlers = {
  getCore: core.getCoreSummary,
  setUp: accounts.setUp,
  getMe: accounts.getMe,
  getOverview: core.getOverview,

  updateMe: accounts.updateMe,
  changePassword: accounts.changePassword,
  getSecondFactor: accounts.getSecondFactor,
  beginSecondFactor: accounts.beginSecondFactor,
  confirmSecondFactor: accounts.confirmSecondFactor,
  renewRecoveryCodes: accounts.renewRecoveryCodes,
  turnOffSecondFactor: accounts.turnOffSecondFactor,
  listOwnSignIns: accounts.listOwnSignIns,
  endOwnSignIn: accounts.endOwnSignIn,
  endOtherSignIns: accounts.endOtherSignIns,

  listAccounts: accounts.listAccounts,
  getAccount: accounts.getAccount,
  inviteAccount: accounts.inviteAccount,
  updateAccount: accounts.updateAccount,
  disableAccount: accounts.disableAccount,
  enableAccount: accounts.enableAccount,
  deleteAccount: accounts.deleteAccount,
  resetPassword: accounts.resetPassword,
  removeSecondFactor: accounts.removeSecondFactor,
  listSignIns: accounts.listSignIns,
  endSignIn: accounts.endSignInById,
  getSignInRules: accounts.getSignInRules,
  setSignInRules: accounts.setSignInRules,
  getPasswordLink: accounts.getPasswordLink,
  redeemPasswordLink: accounts.redeemPasswordLink,

  listApiTokens: accounts.listApiTokens,
  listDoors: doors.listDoors,
  setDoor: doors.setDoor,
  listVendorSignIns: vendorSignIns.listVendorSignIns,
  endVendorSignIn: vendorSignIns.endVendorSignInById,
  listAccessKeys: accessKeys.listAccessKeys,
  createAccessKey: accessKeys.createAccessKey,
  deleteAccessKey: accessKeys.deleteAccessKey,
  createApiToken: accounts.createApiToken,
  deleteApiToken: accounts.deleteApiToken,

  listRepositories: repositories.listRepositories,
  createRepository: repositories.createRepository,
  inspectFolder: repositories.inspectFolder,
  getRepository: repositories.getRepository,
  updateRepository: repositories.updateRepository,
  deleteRepository: async (ctx, input) => {
    await repositories.deleteRepository(ctx, input);
    return {};
  },
  startSync: syncSessions.startSync,
  listSyncSessions: syncSessions.listSyncSessions,
  getSyncSession: syncSessions.getSyncSession,
  stopSync: syncSessions.stopSync,

  listQuotas: quotas.listQuotas,
  getTenantQuotas: quotas.getTenantQuotas,
  getAgentQuotas: quotas.getAgentQuotas,
  setQuota: quotas.setQuota,
  removeQuota: quotas.removeQuota,

  listAgents: agents.listAgents,
  createAgent: agents.createAgent,
  getAgent: agents.getAgent,
  updateAgent: agents.updateAgent,
  deleteAgent: agents.deleteAgent,
  addVolume: agents.addVolume,
  createManagedVolume: managedVolumes.createManagedVolume,
  moveVolume: managedVolumes.moveVolume,
  deleteVolume: managedVolumes.deleteVolume,
  listRecoveryPoints: recoveryPoints.listRecoveryPoints,
  startCapture: tasks.startCapture,

  listPolicies: policies.listPolicies,
  createPolicy: policies.createPolicy,
  getPolicy: policies.getPolicy,
  updatePolicy: policies.updatePolicy,
  deletePolicy: policies.deletePolicy,
  assignPolicy: policies.assignPolicy,
  listSnapshotRules: snapshotRules.listSnapshotRules,
  createSnapshotRule: snapshotRules.createSnapshotRule,
  getSnapshotRule: snapshotRules.getSnapshotRule,
  updateSnapshotRule: snapshotRules.updateSnapshotRule,
  deleteSnapshotRule: snapshotRules.deleteSnapshotRule,
  listReplicationRules: replicationRules.listReplicationRules,
  createReplicationRule: replicationRules.createReplicationRule,
  getReplicationRule: replicationRules.getReplicationRule,
  updateReplicationRule: replicationRules.updateReplicationRule,
  deleteReplicationRule: replicationRules.deleteReplicationRule,

  listOrphanedImages: orphanedImages.listOrphanedImages,
  adoptOrphanedImages: orphanedImages.adoptOrphanedImages,
  removeOrphanedImage: orphanedImages.removeOrphanedImage,

  getRecoveryPoint: recoveryPoints.getRecoveryPoint,
  updateRecoveryPoint: recoveryPoints.updateRecoveryPoint,
  deleteRecoveryPoint: recoveryPoints.removeRecoveryPoint,
  browseImage: recoveryPoints.browseImage,
  startRestore: tasks.startRestore,

  listTasks: tasks.listTasks,
  getTask: tasks.getTask,
  cancelTask: tasks.cancelTask,
  listSeedDrives: seedDrives.listSeedDrives,
  getSeedDrive: seedDrives.getSeedDrive,
  createSeedDrive: seedDrives.createSeedDrive,
  continueSeedDrive: seedDrives.continueSeedDrive,
  abandonSeedDrive: seedDrives.abandonSeedDrive,
  consumeSeedDrive: seedDrives.consumeSeedDrive,

  listPairings: pairing.listPairings,
  getPairing: pairing.getPairing,
  sendPairingRequest: pairing.sendPairingRequest,
  probePeer: pairing.probePeer,
  demandPairing: pairing.demandPairing,
  listEnrolmentTokens: enrolmentTokens.listEnrolmentTokens,
  createEnrolmentToken: enrolmentTokens.createEnrolmentToken,
  revokeEnrolmentToken: enrolmentTokens.revokeEnrolmentToken,

  listTenants: tenants.listTenants,
  getTenant: tenants.getTenant,
  createTenant: tenants.createTenant,
  updateTenant: tenants.updateTenant,
  deleteTenant: tenants.deleteTenant,
  listTenantAccounts: tenants.listTenantAccounts,

  approvePairing: pairing.approvePairing,
  denyPairing: pairing.denyPairing,
  ignorePairing: pairing.ignorePairing,
  updatePairing: pairing.updatePairing,
  deletePairing: pairing.deletePairing,
  getPeerStanding: pairing.getPeerStanding,
  suspendPairing: sessions.suspendPairing,
  resumePairing: sessions.resumePairing,
  verifyAgentRequest: pairingAgents.verifyAgentRequest,
  sendAgentRequest: pairingAgents.sendAgentRequest,
  approveAgents: pairingAgents.approveAgents,
  denyAgents: pairingAgents.denyAgents,

  listSessions: sessions.listSessions,
  getSession: sessions.getSession,
  getMirroredJob: sessions.getMirroredJob,
  runSession: sessions.runSession,
  pauseSession: sessions.pauseSession,
  resumeSession: sessions.resumeSession,
  cancelRun: sessions.cancelRun,
  failOverSession: sessions.failOverSession,
  reprotectSession: sessions.reprotectSession,
  failBackSession: sessions.failBackSession,
  startFailoverTest: sessions.startFailoverTest,
  stopFailoverTest: sessions.stopFailoverTest,
  resolveDivergence: sessions.resolveDivergence,

  listAlerts: alerts.listAlerts,
  countAlerts: alerts.countAlerts,
  acknowledgeAlert: alerts.acknowledgeAlert,
  acknowledgeAlerts: alerts.acknowledgeAlerts,
  listChannels: channels.listChannels,
  createChannel: channels.createChannel,
  updateChannel: channels.updateChannel,
  renewChannelSecret: channels.renewChannelSecret,
  testChannel: channels.testChannel,
  deleteChannel: channels.deleteChannel,
  listAlertRules: alertRules.listAlertRules,
  createAlertRule: alertRules.createAlertRule,
  updateAlertRule: alertRules.updateAlertRule,
  deleteAlertRule: alertRules.deleteAlertRule,
  listDeliveries: deliveries.listDeliveries,
  retryDelivery: deliveries.retryDelivery,

  searchAudit: audit.searchAudit,
  getAuditStanding: audit.getAuditStanding,
  verifyAudit: audit.verifyAudit,

  getMailSettings: mail.getMailSettings,
  setMailSettings: mail.setMailSettings,
  sendTestMail: mail.sendTestMail,
  listSystems: systems.listSystems,

  listReplicationDestinations: vaultReplications.listReplicationDestinations,
  listVaultReplications: vaultReplications.listVaultReplications,
  getVaultReplication: vaultReplications.getVaultReplication,
  replicateVault: vaultReplications.replicateVault,
  listReplicationRecords: vaultReplications.listReplicationRecords,
  replicateImage: vaultReplications.replicateImage,
  getReplicationSettings: replicationSettings.getReplicationSettings,
  updateReplicationSettings: replicationSettings.updateReplicationSettings,
  getThrottle: replicationSettings.getThrottle,
  setThrottle: replicationSettings.setThrottle,
  listActiveReplications: queue.listActive,
  listReplicationQueue: queue.listReplicationQueue,
  restartReplication: (ctx) => queue.restartReplication(ctx),

  getAgentUsage: usage.getAgentUsage,
  getReportedRepositories: usage.getReportedRepositories,
  ...billingHandlers,

  getProof: protection.getProof,
  prove: protection.prove,
  getProtection: protection.getProtection,
  updateProtection: protection.updateProtection,
  listTwoPersonRequests: protection.listTwoPersonRequests,
  getTwoPersonRequest: protection.getTwoPersonRequest,
  agreeToRequest: protection.agreeToRequest,
  denyTwoPersonRequest: protection.denyTwoPersonRequest,
  explainTwoPersonRequest: protection.explainTwoPersonRequest,
  cancelTwoPersonRequest: protection.cancelTwoPersonRequest,

  listCoreFiles: coreFiles.listCoreFiles,
  deleteCoreFile: coreFiles.deleteCoreFile,
  listUploads: uploads.listUploads,
  cancelUpload: uploads.cancelUpload,
  listOutgoingFiles: outgoingFiles.listOutgoingFiles,
  cancelOutgoingFile: outgoingFiles.cancelOutgoingFile,
};
