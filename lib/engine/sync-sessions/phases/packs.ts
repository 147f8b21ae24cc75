import "server-only";
import { adoptPacks, type FoundPack, reconcilePack, removePacks } from "@/lib/engine/packs/adopt";
import { packKey } from "@/lib/engine/packs/pack-id";
import { IDENTITY_KEY, readIdentity } from "@/lib/engine/repositories/identity";
import { domainPrefix } from "@/lib/engine/repositories/open";
import { TwincoreError } from "@/lib/errors";
import { groupBy, inBatches, mapSome } from "../batches";
import { examinePack, type KnownPack, type Verdict } from "../examine-pack";
import { parseKey } from "../file-keys";
import { domainOfTenant } from "../tenants";
import type { SyncWork } from "../work";

/** Packs of one transaction: their footers, 3 MiB each at most, are in memory together. */
const PACKS_PER_BATCH = 16;
/** So much is read in about a second: nobody who stops a session waits for longer. */
const VERIFIED_BYTES_PER_BATCH = 256 * 1024 * 1024;
/** Packs that are examined at once. */
const AT_ONCE = 4;
/** Missing packs that are looked at together. */
const MISSING_PER_STEP = 500;

interface PackFile {
  readonly key: string;
  readonly sizeBytes: number;
  readonly tenantId: string;
  readonly packId: string;
}

interface Examined {
  readonly file: PackFile;
  readonly known: KnownPack | null;
  readonly verdict: Verdict;
}

/** Storage's packs against the index: unknown ones are indexed, damaged ones keep what is sound, missing ones leave it. */
export async function comparePacks(work: SyncWork): Promise<void> {
  const { progress } = work;
  const batches = inBatches(packFiles(work), {
    itemsMax: PACKS_PER_BATCH,
    weightMax: progress.verifyRecords ? VERIFIED_BYTES_PER_BATCH : Number.POSITIVE_INFINITY,
    weigh: ({ sizeBytes }) => sizeBytes,
  });
  for await (const batch of batches) {
    await compareBatch(work, batch);
    progress.done(
      batch.length,
      batch.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    );
    await progress.step({ after: batch.at(-1)?.key ?? "" });
  }
  await loseMissing(work);
  await progress.enter("records", {});
}

async function* packFiles({ repository, progress }: SyncWork): AsyncIterable<PackFile> {
  const { after } = progress.cursor;
  for await (const { key, sizeBytes } of repository.storage.list("t/")) {
    const file = key > after ? parseKey(key) : null;
    if (file?.kind === "pack") yield { key, sizeBytes, tenantId: file.tenantId, packId: file.packId };
  }
}

async function compareBatch(work: SyncWork, batch: readonly PackFile[]): Promise<void> {
  const known = await knownPacks(
    work,
    batch.map(({ packId }) => packId),
  );
  const examined = await mapSome(batch, AT_ONCE, async (file): Promise<Examined> => {
    const row = known.get(file.packId) ?? null;
    return { file, known: row, verdict: await examinePack(work, file, row) };
  });
  for (const one of examined) await settleKnown(work, one);
  await adoptUnknown(
    work,
    examined.filter(({ known: row }) => row === null),
  );
  await work.ctx.db.pool.query("update pack set walk_id = $1 where id = any($2::uuid[])", [
    work.progress.cursor.walkId,
    examined.filter(({ verdict }) => verdict.kind !== "gone").map(({ file }) => file.packId),
  ]);
}

async function knownPacks({ ctx }: SyncWork, ids: readonly string[]): Promise<Map<string, KnownPack>> {
  const { rows } = await ctx.db.pool.query<KnownPack & { id: string }>(
    `select p.id, p.number, p.domain_id as "domainId", p.size_bytes::float8 as "sizeBytes", p.record_count as "recordCount",
       d.tenant_id as "tenantId", d.repository_id as "repositoryId"
     from pack p join record_domain d on d.id = p.domain_id where p.id = any($1::uuid[])`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** Only packs that changed need a statement of their own; there are few, or there is a disaster. */
async function settleKnown({ ctx, progress }: SyncWork, { file, known, verdict }: Examined): Promise<void> {
  if (verdict.kind === "unusable") return progress.problem(file.key, verdict.reason);
  if (verdict.kind !== "partly") return;
  if (verdict.reason) progress.problem(file.key, verdict.reason);
  if (!known) return;
  const lost = await reconcilePack(ctx, known.domainId, known.number, foundPack(file, verdict.entries));
  progress.add("recordsLost", lost);
}

async function adoptUnknown(work: SyncWork, examined: readonly Examined[]): Promise<void> {
  const { ctx, progress } = work;
  for (const [tenantId, ones] of groupBy(examined, ({ file }) => file.tenantId)) {
    const packs = ones.flatMap(({ file, verdict }) =>
      verdict.kind === "sound" || verdict.kind === "partly" ? [foundPack(file, verdict.entries)] : [],
    );
    if (packs.length === 0) continue;
    const domain = await domainOfTenant(work, tenantId);
    progress.add("packsAdopted", await adoptPacks(ctx, domain.id, progress.cursor.walkId, packs));
  }
}

const foundPack = ({ packId, sizeBytes }: PackFile, entries: FoundPack["entries"]): FoundPack => ({
  id: packId,
  sizeBytes,
  entries,
});

interface MissingPack {
  readonly id: string;
  readonly number: bigint;
  readonly domainId: number;
  readonly tenantId: string;
  readonly recordCount: number;
}

/** Packs of the catalog that the walk did not see. Each is looked for once more by its name before its records go. */
async function loseMissing(work: SyncWork): Promise<void> {
  const { ctx, repository, progress } = work;
  for (;;) {
    const { rows } = await ctx.db.pool.query<MissingPack>(
      `select p.id, p.number, p.domain_id as "domainId", d.tenant_id as "tenantId", p.record_count as "recordCount"
       from pack p join record_domain d on d.id = p.domain_id
       where d.repository_id = $1 and p.number <= $2 and p.walk_id is distinct from $3 order by p.number limit ${MISSING_PER_STEP}`,
      [repository.id, progress.cursor.lastPack, progress.cursor.walkId],
    );
    if (rows.length === 0) return;
    await loseSome(work, rows);
    await progress.step({});
  }
}

async function loseSome(work: SyncWork, packs: readonly MissingPack[]): Promise<void> {
  const { ctx, repository, progress } = work;
  const sizes = await mapSome(packs, AT_ONCE, ({ id, tenantId }) => repository.storage.size(keyOf(tenantId, id)));
  await assertThere(work);
  const here = packs.filter((_, at) => sizes[at] !== null);
  const gone = packs.filter((_, at) => sizes[at] === null);
  await ctx.db.pool.query("update pack set walk_id = $1 where number = any($2::bigint[])", [
    progress.cursor.walkId,
    here.map(({ number }) => number),
  ]);
  for (const [domainId, ones] of groupBy(gone, (pack) => pack.domainId)) {
    const numbers = ones.map(({ number }) => number);
    progress.add("recordsLost", await removePacks(ctx, domainId, numbers));
    progress.add("packsLost", ones.length);
    for (const { id, tenantId, recordCount } of ones)
      progress.problem(
        keyOf(tenantId, id),
        `This pack is missing. ${recordCount === 1 ? "1 record" : `${recordCount} records`} lay in it.`,
      );
  }
}

const keyOf = (tenantId: string, id: string): string => packKey(domainPrefix(tenantId), id);

/** A disk that went away must not look like packs that are lost. */
async function assertThere({ repository }: SyncWork): Promise<void> {
  const identity = await readIdentity(repository.storage);
  if (identity?.id !== repository.id)
    throw new TwincoreError("unavailable", `The folder of the repository lost its identity file (${IDENTITY_KEY}).`);
}
