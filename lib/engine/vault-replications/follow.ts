import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import type { ReplicatedAgents } from "@/lib/engine/replication/peer-schemas";
import { Prisma } from "@/prisma/generated/client";
import { noteWaiting, type RecordFailure, settleRecordsWhere, tellVaults } from "./write";

/** What a run is about. */
interface RunOf {
  readonly agentId: string;
  readonly pairingId: string;
}

/** What a run found out before it sends anything, by ids of recovery points. */
export interface RunPlan {
  /** On the target already. */
  readonly present: readonly string[];
  /** On the target under the same id, with other bytes. */
  readonly conflicting: readonly string[];
}

const PROGRESS_MAX = 99;

/**
 * Lets replication records follow a run: asked for by people or doors, moved by what the run does. A run without records under
 * way costs one look at an index; records that are made while it goes on are followed by the next one.
 */
export class RecordFollower {
  private active = false;
  private current: { imageId: string; sizeBytes: number; percent: number } | null = null;

  constructor(
    private readonly ctx: EngineContext,
    private readonly of: RunOf,
  ) {}

  /** Once the run has its plan: what is there already has succeeded, what lies elsewhere than asked has failed. */
  async begin(plan: RunPlan, ask: () => Promise<ReplicatedAgents>): Promise<void> {
    const { agentId, pairingId } = this.of;
    const count = await this.ctx.db.prisma.replicationRecord.count({
      where: { agentId, pairingId, state: { in: ["waiting", "replicating"] } },
    });
    this.active = count > 0;
    if (!this.active) return;
    const there = (await ask()).agents.find(({ id }) => id === agentId)?.repositoryId ?? null;
    await this.settle([
      {
        where: Prisma.sql`r.destination_repository_id is distinct from ${there}::uuid`,
        state: "failed",
        failure: {
          code: "other-repository",
          message: "On the other core this agent lies in another repository than the one that was asked for.",
        },
      },
      { where: Prisma.sql`r.recovery_point_id = any(${[...plan.present]}::uuid[])`, state: "succeeded" },
      {
        where: Prisma.sql`r.recovery_point_id = any(${[...plan.conflicting]}::uuid[])`,
        state: "failed",
        failure: { code: "conflict", message: "The other core holds another recovery point under the same id." },
      },
      {
        where: Prisma.sql`not exists (select from volume_image i where i.id = r.image_id)`,
        state: "skipped",
        failure: { code: "deleted", message: "The recovery point was deleted before it was replicated." },
      },
      {
        where: Prisma.sql`exists (select from recovery_point p where p.id = r.recovery_point_id and p.lost_at is not null)`,
        state: "skipped",
        failure: { code: "lost", message: "Its storage lost files of it." },
      },
    ]);
  }

  async beginImage({ id: imageId, sizeBytes }: { id: string; sizeBytes: number }): Promise<void> {
    if (!this.active) return;
    this.current = { imageId, sizeBytes, percent: 0 };
    const { ctx } = this;
    await withTransaction(ctx.db, async (tx) => {
      const touched = await tx.replicationRecord.updateManyAndReturn({
        where: { imageId, pairingId: this.of.pairingId, state: "waiting" },
        data: { state: "replicating", startedAt: ctx.now(), failureCode: null, failureMessage: null },
        select: { id: true, vaultReplicationId: true },
      });
      await tellVaults(
        tx,
        touched.map(({ id, vaultReplicationId }) => ({ id, vault_replication_id: vaultReplicationId })),
      );
    });
  }

  /** About once a second, while an image is under way. Never goes back, and says 100 to nobody: only the point's commit does. */
  async progress(bytesDone: number): Promise<void> {
    if (!this.active || !this.current || this.current.sizeBytes <= 0) return;
    const percent = Math.min(PROGRESS_MAX, Math.floor((bytesDone / this.current.sizeBytes) * 100));
    if (percent <= this.current.percent) return;
    this.current.percent = percent;
    const { imageId } = this.current;
    const touched = await this.ctx.db.prisma.$queryRaw<{ id: string; vault_replication_id: string | null }[]>`
      update replication_record r set progress_percent = ${percent}, updated_at = ${this.ctx.now()}
      where r.image_id = ${imageId}::uuid and r.pairing_id = ${this.of.pairingId}::uuid and r.state = 'replicating'
        and r.progress_percent < ${percent}
      returning r.id, r.vault_replication_id`;
    await tellVaults(this.ctx.db.prisma, touched);
  }

  /** The recovery point is complete on the target. */
  endPoint(pointId: string): Promise<void> {
    this.current = null;
    return this.settle([{ where: Prisma.sql`r.recovery_point_id = ${pointId}::uuid`, state: "succeeded" }]);
  }

  /** This point alone cannot be replicated. */
  failPoint(pointId: string, failure: RecordFailure): Promise<void> {
    this.current = null;
    return this.settle([{ where: Prisma.sql`r.recovery_point_id = ${pointId}::uuid`, state: "failed", failure }]);
  }

  private async settle(steps: Parameters<typeof settleRecordsWhere>[2][]): Promise<void> {
    if (!this.active) return;
    const { agentId, pairingId } = this.of;
    await withTransaction(this.ctx.db, async (tx) => {
      for (const step of steps) {
        const where = Prisma.sql`r.agent_id = ${agentId}::uuid and r.pairing_id = ${pairingId}::uuid and ${step.where}`;
        await tellVaults(tx, await settleRecordsWhere(tx, this.ctx, { ...step, where }));
      }
    });
  }
}

/** How a run ended, for its records. */
export type RunEnd =
  | { kind: "succeeded" | "interrupted" }
  | { kind: "cancelled" | "paused" | "blocked" }
  | { kind: "waiting" | "failed"; error: RecordFailure };

/** In the transaction that settles a run: records that it did not get to wait for the next one, or fail with it. */
export async function settleRecords(tx: Tx, ctx: EngineContext, of: RunOf, end: RunEnd): Promise<void> {
  const where = Prisma.sql`r.agent_id = ${of.agentId}::uuid and r.pairing_id = ${of.pairingId}::uuid`;
  switch (end.kind) {
    case "succeeded":
    case "interrupted":
      return;
    case "cancelled": {
      const failure = { code: "cancelled", message: "The run was cancelled." };
      return tellVaults(tx, await settleRecordsWhere(tx, ctx, { where, state: "failed", failure }));
    }
    case "paused": {
      const failure = { code: "paused", message: "The replication session is paused. Resume it." };
      return tellVaults(tx, await noteWaiting(tx, ctx, { where, failure }));
    }
    case "blocked": {
      const failure = { code: "blocked", message: "The throttle schedule lets no run go on just now." };
      return tellVaults(tx, await noteWaiting(tx, ctx, { where, failure }));
    }
    case "waiting":
      return tellVaults(tx, await noteWaiting(tx, ctx, { where, failure: end.error }));
    case "failed":
      return tellVaults(tx, await settleRecordsWhere(tx, ctx, { where, state: "failed", failure: end.error }));
    default:
      end satisfies never;
  }
}
