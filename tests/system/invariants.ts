import { statSync } from "node:fs";
import path from "node:path";
import { expect } from "vitest";
import { adminContract } from "@/lib/admin/contract";
import { packKey } from "@/lib/engine/packs/pack-id";
import { domainPrefix } from "@/lib/engine/repositories/open";
import type { CoreUnderTest } from "@/tests/support/core-under-test";
import type { ReplicatingPair } from "@/tests/support/replicating-pair";

/**
 * What design.md §5 promises whatever was killed: every listed recovery point reads back, byte for byte as it was captured; every
 * pack row has its file, whole; no index entry points outside a pack.
 * `captured`: SHA-256 of the disk by recovery point; `only`: read these points alone, else all that are listed.
 */
export async function expectInvariants(pair: ReplicatingPair, captured: Map<string, string>, only?: string[]) {
  for (const core of [pair.source, pair.target]) {
    await expectPointsReadBack(core, only ?? (await listedPoints(core, pair.agent.id)), captured);
    await expectIndexWithinPacks(core);
  }
}

async function listedPoints(core: CoreUnderTest, agentId: string): Promise<string[]> {
  const { items, total } = await core.call(adminContract.listRecoveryPoints, { agentId, limit: 200 });
  expect(items).toHaveLength(total);
  return items.map((item) => item.id);
}

async function expectPointsReadBack(core: CoreUnderTest, ids: string[], captured: Map<string, string>) {
  for (const id of ids) {
    const point = await core.call(adminContract.getRecoveryPoint, { id });
    for (const image of point.images) {
      const read = await core.digestOfImage(point.id, image.id);
      expect(read, `recovery point ${point.sequence} on ${core.name}`).toEqual({
        sha256: captured.get(point.id),
        bytes: image.sizeBytes,
      });
    }
  }
}

interface PackRow extends Record<string, unknown> {
  id: string;
  tenant_id: string;
  size_bytes: string;
  path: string;
}

async function expectIndexWithinPacks(core: CoreUnderTest) {
  const packs = await core.rows<PackRow>(
    `select p.id, p.size_bytes, d.tenant_id, r.path
       from pack p join record_domain d on d.id = p.domain_id join repository r on r.id = d.repository_id`,
  );
  for (const pack of packs) {
    const file = statSync(path.join(pack.path, packKey(domainPrefix(pack.tenant_id), pack.id)), {
      throwIfNoEntry: false,
    });
    expect(file?.size, `pack ${pack.id} of ${core.name}`).toBe(Number(pack.size_bytes));
  }
  const outside = await core.rows(
    `select encode(r.digest, 'hex') digest from record r left join pack p on p.number = r.pack_number and p.domain_id = r.domain_id
      where p.number is null or r."offset" < 0 or r.length <= 0 or r."offset" + r.length > p.size_bytes limit 5`,
  );
  expect(outside, `index entries of ${core.name} that point nowhere`).toEqual([]);
}
