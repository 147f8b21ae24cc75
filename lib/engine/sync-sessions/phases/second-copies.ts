import "server-only";
import { insertCopies } from "@/lib/engine/packs/adopt";
import type { PlacedEntry } from "@/lib/engine/packs/insert";
import { readFooter } from "@/lib/engine/packs/read-footer";
import { domainPrefix } from "@/lib/engine/repositories/open";
import { toTwincoreError } from "@/lib/errors";
import { inBatches, mapSome } from "../batches";
import { parseKey } from "../file-keys";
import type { SyncWork } from "../work";

const PACKS_PER_BATCH = 16;
const AT_ONCE = 4;

interface PackRow {
  readonly id: string;
  readonly number: bigint;
  readonly sizeBytes: number;
  readonly recordCount: number;
}

/** Two packs may hold the same record, and the index knows one of them: after a loss the packs that remain are read for others. */
export async function findSecondCopies(work: SyncWork): Promise<void> {
  const { ctx, repository, progress } = work;
  const { rows: domains } = await ctx.db.pool.query<{ id: number; tenantId: string }>(
    `select id, tenant_id as "tenantId" from record_domain
     where repository_id = $1 and losses > losses_checked order by tenant_id`,
    [repository.id],
  );
  for (const domain of domains) {
    const limits = { itemsMax: PACKS_PER_BATCH, weightMax: Number.POSITIVE_INFINITY, weigh: () => 1 };
    for await (const batch of inBatches(packsOf(work, domain.tenantId), limits)) {
      await insertCopies(ctx, domain.id, await copiesIn(work, domain.id, batch));
      await progress.step({ after: batch.at(-1)?.key ?? "" });
    }
  }
  await progress.enter("points", {});
}

async function* packsOf({ repository, progress }: SyncWork, tenantId: string) {
  const { after } = progress.cursor;
  for await (const { key, sizeBytes } of repository.storage.list(`${domainPrefix(tenantId)}packs/`)) {
    const file = key > after ? parseKey(key) : null;
    if (file?.kind === "pack") yield { key, sizeBytes, packId: file.packId };
  }
}

async function copiesIn(
  { ctx, repository }: SyncWork,
  domainId: number,
  batch: readonly { key: string; sizeBytes: number; packId: string }[],
): Promise<PlacedEntry[]> {
  const { rows } = await ctx.db.pool.query<PackRow>(
    `select p.id, p.number, p.size_bytes::float8 as "sizeBytes", p.record_count as "recordCount"
     from pack p join record_domain d on d.id = p.domain_id where p.id = any($1::uuid[]) and d.id = $2`,
    [batch.map(({ packId }) => packId), domainId],
  );
  const known = new Map(rows.map((row) => [row.id, row]));
  const found = await mapSome(batch, AT_ONCE, async ({ key, sizeBytes, packId }): Promise<PlacedEntry[]> => {
    const row = known.get(packId);
    if (!row || row.sizeBytes !== sizeBytes) return [];
    const entries = await readFooter(repository, key).then(
      (footer) => footer.entries,
      (error: unknown) => {
        if (["integrity", "not_found"].includes(toTwincoreError(error).code)) return [];
        throw error;
      },
    );
    // One that names more than was found sound in it is not believed.
    return entries.length === row.recordCount ? entries.map((entry) => ({ packNumber: row.number, entry })) : [];
  });
  return found.flat();
}
