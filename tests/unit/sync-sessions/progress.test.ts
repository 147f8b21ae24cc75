import { describe, expect, it } from "vitest";
import { foundWords } from "@/components/repositories/sync-words";
import { inBatches, mapSome } from "@/lib/engine/sync-sessions/batches";
import { percentOf } from "@/lib/engine/sync-sessions/convert";
import { isOurs, parseKey } from "@/lib/engine/sync-sessions/file-keys";
import type { SyncSessionSummary } from "@/lib/engine/sync-sessions/schemas";

const id = "01a1fee1-18fc-758a-ad6a-3c0a69ebcd31";
const other = "83a22c2f-d7f7-450a-b071-f45949be0a4c";

describe("percent of a sync", () => {
  const of = (
    filesDone: number,
    bytesDone: number,
    verifyRecords: boolean,
    state: "running" | "succeeded" = "running",
  ) =>
    percentOf({
      state,
      verifyRecords,
      filesDone,
      filesTotal: 200,
      bytesDone: BigInt(bytesDone),
      bytesTotal: 100_000_000_000n,
    });

  it("counts files, and bytes too where every record is read", () => {
    expect(of(100, 1_000_000_000, false)).toBe(50);
    expect(of(100, 1_000_000_000, true)).toBe(1);
  });

  it("is 100 when it has succeeded, and not before", () => {
    expect(of(200, 100_000_000_000, true)).toBe(99);
    expect(of(500, 0, false)).toBe(99);
    expect(of(0, 0, false, "succeeded")).toBe(100);
    expect(
      percentOf({ state: "running", verifyRecords: true, filesDone: 0, filesTotal: 0, bytesDone: 0n, bytesTotal: 0n }),
    ).toBe(0);
  });
});

describe("keys of a repository", () => {
  it("say what a file is", () => {
    expect(parseKey(`t/${id}/packs/4c/${other}.pack`)).toEqual({ kind: "pack", tenantId: id, packId: other });
    expect(parseKey(`t/${id}/manifests/4c/${other}.manifest`)).toEqual({
      kind: "manifest",
      tenantId: id,
      imageId: other,
    });
    expect(parseKey(`t/${id}/points/${other}/${id}.json`)).toEqual({
      kind: "point",
      tenantId: id,
      agentId: other,
      pointId: id,
    });
    expect(parseKey(`t/${id}/agents/${other}.json`)).toEqual({ kind: "agent", tenantId: id, agentId: other });
  });

  it.each([
    "t",
    `t/${id}/packs/00/${other}.pack`,
    `t/${id}/packs/4c/${other.toUpperCase()}.pack`,
    `t/${id}/packs/4c/${other}.pack.old`,
    `t/../${id}/packs/4c/${other}.pack`,
    `t/${id}/points/${id}.json`,
    "thumbs.db",
  ])("of %s say that nobody here made it", (key) => {
    expect(parseKey(key)).toBeNull();
    expect(isOurs(key)).toBe(false);
  });

  it.each(["twincore-repository.json", `uploads/${id}.1`, `files/${id}`, `outgoing/${id}`])("of %s belong", (key) => {
    expect(isOurs(key)).toBe(true);
  });
});

describe("batches", () => {
  const items = async function* () {
    for (let i = 1; i <= 7; i++) yield i;
  };

  it("hold all items in order, end before they are too heavy, and one too heavy alone is let through", async () => {
    const cut = async (itemsMax: number, weightMax: number) => {
      const batches: number[][] = [];
      for await (const batch of inBatches(items(), { itemsMax, weightMax, weigh: (i) => i })) batches.push(batch);
      return batches;
    };
    expect(await cut(3, 100)).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
    expect(await cut(10, 6)).toEqual([[1, 2, 3], [4], [5], [6], [7]]);
    expect(await cut(10, 1)).toHaveLength(7);
  });

  it("of work keep their order, and throw what the first failure throws", async () => {
    expect(await mapSome([3, 1, 2], 2, async (i) => i * 10)).toEqual([30, 10, 20]);
    await expect(mapSome([1, 2], 2, async (i) => Promise.reject(new Error(`no ${i}`)))).rejects.toThrow("no 1");
    expect(await mapSome([], 4, async (i) => i)).toEqual([]);
  });
});

describe("what a sync found", () => {
  const session = { packsAdopted: 0, packsLost: 1, recordsLost: 3, pointsAdopted: 2, pointsLost: 1, pointsFound: 0 };

  it("is said in words, what matters most first, and nothing of what did not happen", () => {
    expect(foundWords({ ...session, documentsWritten: 0 } as SyncSessionSummary)).toEqual([
      "2 recovery points taken over",
      "1 recovery point damaged",
      "1 pack missing",
      "3 records lost",
    ]);
  });
});
