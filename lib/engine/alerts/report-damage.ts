import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { raiseAlert } from "./raise";
import { tellOf } from "./tell";

export interface FoundDamage {
  /** Whose point it met. */
  readonly recoveryPointId: string;
  /** Who met it: "A restore", "Replication". */
  readonly by: string;
  /** What was wrong. */
  readonly message: string;
}

/**
 * A reader met what its repository should hold and does not, or not as it should be: people are told, and a sync will say what else is
 * affected. Never throws: the reader has a failure of its own to tell.
 */
export async function reportDamage(ctx: EngineContext, { recoveryPointId, by, message }: FoundDamage): Promise<void> {
  try {
    await withTransaction(ctx.db, async (tx) => {
      const repositories = await tx.repository.updateManyAndReturn({
        where: { recoveryPoints: { some: { id: recoveryPointId } } },
        data: { isOutOfSync: true },
        select: { id: true, name: true },
      });
      const [repository] = repositories;
      if (!repository) return;
      await raiseAlert(tx, ctx, {
        kind: "verification-failed",
        severity: "critical",
        subjectKind: "repository",
        subjectId: repository.id,
        title: `Damage was found in ${repository.name}`,
        detail: `${by} met it. ${message}`,
      });
    });
  } catch (err) {
    ctx.log.warn({ err, recoveryPointId }, "damage could not be reported");
  }
}

/** A sync that read every record: what it found is told; what it did not find any more is over. Part of its end, and of the watch. */
export async function reportVerification(ctx: EngineContext): Promise<void> {
  const now = ctx.now();
  await withTransaction(ctx.db, async (tx) => {
    // The newest sync of each repository that read every record.
    const cleared = await tx.$queryRaw<{ id: string }[]>`
      update alert a set open_key = null, cleared_at = ${now}
      where a.kind = 'verification-failed' and a.open_key is not null and exists (
        select from sync_session s where s.repository_id = a.subject_id and s.verify_records and s.state = 'succeeded'
          and s.records_lost = 0 and s.packs_lost = 0 and s.started_at > a.last_seen_at)
      returning a.id`;
    const raised = await tx.$queryRaw<{ id: string }[]>`
      insert into alert (id, kind, severity, subject_kind, subject_id, title, detail, open_key, raised_at, last_seen_at)
      select gen_random_uuid(), 'verification-failed', 'critical', 'repository', r.id, 'Damage was found in ' || r.name,
        'A sync read every record: ' || s.records_lost || ' were damaged or missing.', 'verification-failed:' || r.id, ${now}, ${now}
      from repository r cross join lateral (
        select records_lost, packs_lost, ended_at from sync_session
        where repository_id = r.id and verify_records and state = 'succeeded' order by created_at desc limit 1
      ) s
      where s.records_lost > 0 and not exists (
        select from alert a where a.kind = 'verification-failed' and a.subject_id = r.id and a.last_seen_at >= s.ended_at)
      on conflict (open_key) do update set detail = excluded.detail, last_seen_at = excluded.last_seen_at
      returning id`;
    await tellOf(tx, [...cleared, ...raised]);
  });
}
