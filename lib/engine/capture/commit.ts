import "server-only";
import type { Tx } from "@/lib/db/client";
import { assertCurrent, withLeadPairing } from "@/lib/engine/agents/led";
import type { EngineContext } from "@/lib/engine/context";
import { wakeTargets } from "@/lib/engine/metadata/announce";
import { assertQuota, letIn } from "@/lib/engine/quotas";
import { commitRecoveryPoint } from "@/lib/engine/recovery-points/commit";
import { nextSequence } from "@/lib/engine/recovery-points/next-sequence";
import { applyRetention } from "@/lib/engine/retention/apply";
import { expiryBy } from "@/lib/engine/retention/expiry";
import { TwincoreError } from "@/lib/errors";
import type { SkippedList } from "./skipped";
import type { CapturedImage } from "./volume";

/** Captures of one agent that end at the same moment take numbers in turn; so many at once is more than a core runs. */
const TRIES_MAX = 20;

export interface CommitCaptureInput {
  id: string;
  origin?: "scheduled" | "replication";
  /** The rule that asked for it, and says how long it stays. */
  snapshotRuleId?: string;
  agent: { id: string; repositoryId: string; tenantId: string };
  createdAt: Date;
  images: CapturedImage[];
  skipped: SkippedList;
}

/**
 * Makes captured images a recovery point with the agent's next sequence number, and sets replication going. Throws `storage_full`
 * when a quota on protected bytes has no room for it.
 */
export async function commitCapture(ctx: EngineContext, input: CommitCaptureInput): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const point = await toCommit(ctx, input);
      await assertQuota(ctx, { agentId: point.agentId, tenantId: point.tenantId, addStored: 0, point });
      await commitRecoveryPoint(ctx, point);
      break;
    } catch (error) {
      if (!(error instanceof TwincoreError) || error.code !== "conflict") throw error;
      if (error.options.detail === "not-current" || attempt === TRIES_MAX) throw error;
    }
  }
  await letIn(ctx, input.agent.id);
  // The schedule would find the new point too; asking now keeps the lag small.
  await wakeTargets(ctx, input.agent.id);
}

async function toCommit(ctx: EngineContext, input: CommitCaptureInput) {
  const { id, agent, createdAt, images, skipped, origin, snapshotRuleId } = input;
  return {
    id,
    agentId: agent.id,
    repositoryId: agent.repositoryId,
    tenantId: agent.tenantId,
    sequence: await nextSequence(ctx, agent.id),
    createdAt,
    images: images.map(({ image }) => image),
    logicalBytes: images.reduce((sum, { image }) => sum + Number(image.sizeBytes), 0),
    storedBytes: images.reduce((sum, { storedBytes }) => sum + storedBytes, 0),
    skippedCount: skipped.count,
    skipped: skipped.first,
    origin,
    snapshotRuleId,
    expiresAt: snapshotRuleId ? await expiryBy(ctx, snapshotRuleId, createdAt) : null,
    // Whoever gives the agent up waits for this commit, or this commit finds it given up: no point is made behind a failover.
    alongside: async (tx: Tx) => {
      await tx.$executeRaw`select 1 from agent where id = ${agent.id}::uuid for share`;
      assertCurrent(await tx.agent.findUniqueOrThrow({ where: { id: agent.id }, include: withLeadPairing }));
      // Those that are now more than the rule keeps may go.
      if (snapshotRuleId) await applyRetention(tx, { snapshotRuleId, agentId: agent.id });
    },
  };
}
