import "server-only";
import { z } from "zod";
import { env } from "@/lib/env";
import type { JobTable } from "./define";

const Nothing = z.object({}).transform((): Record<string, never> => ({}));

/** A worker may die as often as that while one job runs; more means that the job is what kills it. */
const DEATHS_MAX = 50;
/** The longest that the queue takes is a day. What has not ended by then is begun again, and goes on where it was. */
const LONG_SECONDS = 23 * 3600;

/** What later work there is, and who does it. */
export const jobs: JobTable = {
  "run-replication": {
    payload: z.object({ sessionId: z.uuid(), runId: z.uuid().optional() }),
    concurrency: 4,
    retriesMax: DEATHS_MAX,
    retryDelaySeconds: 0,
    expireSeconds: LONG_SECONDS,
    handler: async () => {
      const [{ runReplication }, { connectTarget }] = await Promise.all([
        import("@/lib/engine/replication"),
        import("./connect-target"),
      ]);
      return (ctx, { sessionId }, { signal, owner }) =>
        runReplication(ctx, {
          sessionId,
          signal,
          owner,
          connect: connectTarget(ctx),
          preference: env().transferPreference,
        });
    },
  },
  "tell-session": {
    payload: z.object({ sessionId: z.uuid() }),
    concurrency: 4,
    // The minute's look tells again.
    retriesMax: 0,
    retryDelaySeconds: 0,
    expireSeconds: 120,
    handler: async () => {
      const [{ tellSession }, { connectTarget }] = await Promise.all([
        import("@/lib/engine/sessions"),
        import("./connect-target"),
      ]);
      return (ctx, { sessionId }) => tellSession(ctx, { sessionId, connect: connectTarget(ctx) });
    },
  },
  "advance-session": {
    payload: z.object({ sessionId: z.uuid() }),
    concurrency: 2,
    retriesMax: DEATHS_MAX,
    retryDelaySeconds: 1,
    expireSeconds: LONG_SECONDS,
    handler: async () => (await import("@/lib/engine/sessions")).advanceSession,
  },
  "run-task": {
    payload: z.object({ taskId: z.uuid() }),
    concurrency: 2,
    retriesMax: DEATHS_MAX,
    retryDelaySeconds: 1,
    expireSeconds: LONG_SECONDS,
    handler: async () => {
      const { runTask } = await import("@/lib/engine/tasks");
      return (ctx, { taskId }, { signal }) => runTask(ctx, { taskId, signal });
    },
  },
  "poll-pairing": {
    payload: z.object({ pairingId: z.uuid() }),
    concurrency: 4,
    retriesMax: 3,
    retryDelaySeconds: 5,
    backsOff: true,
    expireSeconds: 300,
    handler: async () => (await import("@/lib/engine/pairing")).pollPairing,
  },
  "delete-replicated-points": {
    payload: z.object({ pairingId: z.uuid() }),
    concurrency: 1,
    retriesMax: DEATHS_MAX,
    retryDelaySeconds: 10,
    backsOff: true,
    expireSeconds: LONG_SECONDS,
    handler: async () => {
      const { deleteReplicatedPoints } = await import("@/lib/engine/pairing/delete-points");
      return (ctx, { pairingId }, { signal }) => deleteReplicatedPoints(ctx, { pairingId, signal });
    },
  },
  "renew-certificates": {
    payload: Nothing,
    concurrency: 1,
    retriesMax: 3,
    retryDelaySeconds: 60,
    expireSeconds: 3600,
    cron: "17 * * * *",
    handler: async () => (await import("@/lib/engine/pairing")).renewCertificates,
  },
  sweep: {
    payload: Nothing,
    concurrency: 1,
    retriesMax: 0,
    retryDelaySeconds: 0,
    expireSeconds: 600,
    cron: "* * * * *",
    handler: async () => (await import("./sweep")).sweep,
  },
  "do-agreed-request": {
    payload: z.object({ requestId: z.uuid() }),
    concurrency: 2,
    retriesMax: 5,
    retryDelaySeconds: 5,
    backsOff: true,
    expireSeconds: 600,
    handler: async () => (await import("@/lib/engine/protection")).doAgreedRequest,
  },
  "commit-image": {
    payload: z.object({ imageSessionId: z.uuid() }),
    concurrency: 2,
    retriesMax: 5,
    retryDelaySeconds: 5,
    backsOff: true,
    expireSeconds: LONG_SECONDS,
    handler: async () => {
      const { commitImage } = await import("@/lib/engine/image-sessions");
      return async (ctx, { imageSessionId }) => void (await commitImage(ctx, imageSessionId));
    },
  },
  "send-file": {
    payload: z.object({ fileId: z.uuid() }),
    concurrency: 2,
    retriesMax: DEATHS_MAX,
    retryDelaySeconds: 5,
    backsOff: true,
    expireSeconds: LONG_SECONDS,
    handler: async () => {
      const [{ sendFile }, { connectFileTarget }] = await Promise.all([
        import("@/lib/engine/outgoing-files"),
        import("./connect-file-target"),
      ]);
      return (ctx, { fileId }, { signal }) => sendFile(ctx, { fileId, signal, connect: connectFileTarget(ctx) });
    },
  },
  "delete-agent": {
    payload: z.object({ agentId: z.uuid() }),
    concurrency: 1,
    retriesMax: DEATHS_MAX,
    retryDelaySeconds: 5,
    backsOff: true,
    expireSeconds: LONG_SECONDS,
    handler: async () => {
      const { runAgentDeletion } = await import("@/lib/engine/agents");
      return (ctx, { agentId }, { signal }) => runAgentDeletion(ctx, { agentId, signal });
    },
  },
  "sync-repository": {
    payload: z.object({ syncSessionId: z.uuid() }),
    concurrency: 2,
    retriesMax: DEATHS_MAX,
    retryDelaySeconds: 5,
    backsOff: true,
    expireSeconds: LONG_SECONDS,
    handler: async () => {
      const { runSync } = await import("@/lib/engine/sync-sessions");
      return (ctx, { syncSessionId }, { signal }) => runSync(ctx, { syncSessionId, signal });
    },
  },
  "drive-vault-replications": {
    payload: z.object({ pairingId: z.uuid() }),
    concurrency: 2,
    retriesMax: 3,
    retryDelaySeconds: 5,
    backsOff: true,
    expireSeconds: 300,
    handler: async () => (await import("@/lib/engine/vault-replications")).driveVaultReplications,
  },
  "measure-usage": {
    payload: Nothing,
    concurrency: 1,
    retriesMax: 2,
    retryDelaySeconds: 30,
    expireSeconds: 600,
    cron: "*/10 * * * *",
    handler: async () => (await import("@/lib/engine/usage")).measureUsage,
  },
  "roll-up-usage": {
    payload: Nothing,
    concurrency: 1,
    retriesMax: 2,
    retryDelaySeconds: 60,
    expireSeconds: 3 * 3600,
    // Behind the measurement of the full hour.
    cron: "4 * * * *",
    handler: async () => (await import("@/lib/engine/usage")).rollUpUsage,
  },
  "compute-statements": {
    payload: Nothing,
    concurrency: 1,
    retriesMax: 2,
    retryDelaySeconds: 60,
    expireSeconds: 3 * 3600,
    handler: async () => (await import("@/lib/engine/statements")).computeStatements,
  },
  deliver: {
    payload: Nothing,
    concurrency: 1,
    // Messages keep their own times; the next look asks again.
    retriesMax: 0,
    retryDelaySeconds: 0,
    expireSeconds: 3600,
    handler: async () => {
      const { deliver } = await import("@/lib/engine/deliveries");
      return (ctx, _nothing, { signal }) => deliver(ctx, { signal });
    },
  },
  "update-metadata": {
    payload: z.object({ agentId: z.uuid() }),
    concurrency: 2,
    retriesMax: 5,
    retryDelaySeconds: 5,
    backsOff: true,
    expireSeconds: 600,
    handler: async () => {
      const { runMetadataUpdates } = await import("@/lib/engine/metadata");
      return (ctx, { agentId }, { signal }) => runMetadataUpdates(ctx, { agentId, signal });
    },
  },
};
