import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { sweepDocuments } from "@/lib/engine/documents";
import { pointDocumentOf, withPointDocument } from "@/lib/engine/documents/of-rows";
import { writeDocument } from "@/lib/engine/recovery-points/document";
import { manifestOf, noise, Store } from "../records/store";
import { filesIn, SyncCore } from "./sync-core";

/** More than any page or batch holds. */
const POINTS = 2_100;

describe("a repository with more than two thousand recovery points", () => {
  it("is taken over in batches: statements grow with batches, not with points", async () => {
    const store = await Store.start();
    const domain = await store.domain();
    const { agentId, volumeId } = await store.agent(domain);
    const keys = await store.write(domain, [noise("shared", 5_000)]);
    const images: { id: string; digest: Buffer }[] = [];
    for (let at = 0; at < POINTS; at++) {
      const { imageId, digest } = await manifestOf(domain, keys);
      images.push({ id: imageId, digest });
    }
    const points = images.map((image, at) => ({ ...image, pointId: randomUUID(), sequence: BigInt(at + 1) }));
    await store.ctx.db.prisma.recoveryPoint.createMany({
      data: points.map(({ pointId, sequence }) => ({
        id: pointId,
        agentId,
        repositoryId: store.repositoryId,
        sequence,
        createdAt: new Date(),
        logicalBytes: 5_000n,
        storedBytes: 0n,
      })),
    });
    await store.ctx.db.prisma.volumeImage.createMany({
      data: points.map(({ id, pointId, digest }) => ({
        id,
        recoveryPointId: pointId,
        volumeId,
        kind: "image" as const,
        sizeBytes: 5_000n,
        recordCount: 1,
        manifestDigest: new Uint8Array(digest),
      })),
    });
    const rows = await store.ctx.db.prisma.recoveryPoint.findMany({ include: withPointDocument });
    for (const row of rows) await writeDocument(domain, pointDocumentOf(row));
    await sweepDocuments(store.ctx);
    expect(filesIn(`${store.folder}/repository`, /\/points\//).length).toBeGreaterThanOrEqual(POINTS);

    const core = await SyncCore.start();
    const repositoryId = await core.repository("large", `${store.folder}/repository`, true);
    const before = await statements(core);
    expect(await core.synced(repositoryId)).toMatchObject({ pointsAdopted: POINTS, problemCount: 0 });
    const used = (await statements(core)) - before;
    expect(used).toBeLessThan(POINTS / 2);
    expect(await core.db.prisma.recoveryPoint.count()).toBe(POINTS);
    expect(await core.db.prisma.volumeImage.count()).toBe(POINTS);
    expect(await core.synced(repositoryId)).toMatchObject({ pointsAdopted: 0, pointsLost: 0, documentsWritten: 0 });
  }, 300_000);
});

/** Rounds that Prisma and the pool made so far, as the database counts transactions. */
async function statements(core: SyncCore): Promise<number> {
  // Counters are flushed when a backend is idle for a moment, or told to.
  await core.db.pool.query("select pg_stat_force_next_flush()");
  const { rows } = await core.db.pool.query<{ count: bigint }>(
    "select xact_commit + xact_rollback as count from pg_stat_database where datname = current_database()",
  );
  return Number(rows[0]?.count ?? 0);
}
