import "server-only";
import { sweepAccounts } from "@/lib/engine/accounts";
import { sweepAgentDeletions } from "@/lib/engine/agents";
import { sweepAlerts, watch, watchFilling } from "@/lib/engine/alerts";
import { sweepRefusals, writeCheckpoint } from "@/lib/engine/audit";
import { sweepSchedules } from "@/lib/engine/capture-schedule";
import type { EngineContext } from "@/lib/engine/context";
import { sweepCoreFiles } from "@/lib/engine/core-files";
import { sweepDeliveries } from "@/lib/engine/deliveries";
import { sweepDocuments } from "@/lib/engine/documents";
import { trimEvents } from "@/lib/engine/events/trim";
import { sweepImageSessions } from "@/lib/engine/image-sessions";
import { noteJobFailure, noteJobSuccess } from "@/lib/engine/job-failures";
import { sweepMetadata } from "@/lib/engine/metadata";
import { sweepOutgoingFiles } from "@/lib/engine/outgoing-files";
import { expirePairings } from "@/lib/engine/pairing";
import { sweepTestCopies } from "@/lib/engine/point-copies";
import { sweepTwoPersonRequests } from "@/lib/engine/protection";
import { sweepQuotas } from "@/lib/engine/quotas";
import { sweepRemovedPoints } from "@/lib/engine/recovery-points";
import { sweepSilentSources } from "@/lib/engine/replication/silence";
import { sweepRetention } from "@/lib/engine/retention";
import { hearTargets, sweepFailoverTests, sweepOrders, sweepSessions } from "@/lib/engine/sessions";
import { sweepSyncSessions } from "@/lib/engine/sync-sessions";
import { refreshDestinations } from "@/lib/engine/systems";
import { sweepTasks } from "@/lib/engine/tasks";
import { sweepUploads } from "@/lib/engine/uploads";
import { sweepVaultReplications } from "@/lib/engine/vault-replications";
import { sweepVendorJobs } from "@/lib/engine/vendor-jobs";
import { sweepVendorSignIns } from "@/lib/engine/vendor-sign-ins/end";
import { connectTarget } from "./connect-target";

/** Once a minute: what nobody else would notice. One part that fails does not hold up the others. */
export async function sweep(ctx: EngineContext): Promise<void> {
  const parts = {
    expirePairings,
    refreshDestinations,
    sweepAccounts,
    sweepAgentDeletions,
    sweepAlerts,
    sweepCoreFiles,
    sweepDeliveries,
    sweepDocuments,
    sweepFailoverTests,
    sweepImageSessions,
    sweepOrders,
    sweepOutgoingFiles,
    sweepMetadata,
    sweepRefusals,
    sweepQuotas,
    sweepRemovedPoints,
    sweepRetention,
    sweepSchedules,
    sweepSessions,
    sweepSilentSources,
    sweepSyncSessions,
    sweepTasks,
    sweepTestCopies,
    sweepTwoPersonRequests,
    sweepUploads,
    sweepVaultReplications,
    sweepVendorJobs,
    sweepVendorSignIns,
    trimEvents,
    watch,
    watchFilling,
    writeCheckpoint,
    hearTargets: () => hearTargets(ctx, connectTarget(ctx)),
  };
  const done = await Promise.all(
    Object.entries(parts).map(async ([part, work]) => {
      try {
        await work(ctx);
        return part;
      } catch (err) {
        ctx.log.warn({ part, err }, "a part of the sweep failed");
        await noteJobFailure(ctx, part, err);
        return null;
      }
    }),
  );
  await noteJobSuccess(
    ctx,
    done.flatMap((part) => part ?? []),
  );
}
