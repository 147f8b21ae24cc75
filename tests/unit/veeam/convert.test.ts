import { describe, expect, it } from "vitest";
import type { RepositoryHolding } from "@/lib/engine/repositories/schemas";
import type { SyncSessionSummary } from "@/lib/engine/sync-sessions/schemas";
import { toBackupRepository } from "@/lib/vendors/veeam/convert/repository";
import { toSynchronizeSession } from "@/lib/vendors/veeam/convert/sync-session";
import { linkerOf, toPage, VeeamId } from "@/lib/vendors/veeam/values";

const REPOSITORY = "08d2e6c0-89d5-49bf-8a9b-873f5064d9be";
const SESSION = "c6d1fc1b-1aef-411f-9a7f-de35e546c615";
const v5 = linkerOf({ path: "/V5/x", baseUrl: "https://epsilon.tech.local:4443" });
const v6 = linkerOf({ path: "/v6/x", baseUrl: "https://epsilon.tech.local:4443" });

const session: SyncSessionSummary = {
  id: SESSION,
  repository: { id: REPOSITORY, name: "main" },
  state: "running",
  phase: "packs",
  verifyRecords: false,
  progressPercent: 0,
  filesDone: 0,
  filesTotal: 9,
  bytesDone: 0,
  bytesTotal: 0,
  rateFilesPerSecond: 0,
  rateBytesPerSecond: 0,
  packsAdopted: 0,
  packsLost: 0,
  recordsLost: 0,
  pointsAdopted: 0,
  pointsLost: 0,
  pointsFound: 0,
  documentsWritten: 0,
  problemCount: 0,
  isStopping: false,
  failure: null,
  createdBy: "anna",
  createdAt: "2026-05-10T07:59:12.037Z",
  startedAt: null,
  endedAt: null,
};

describe("a sync session", () => {
  it("is told as the published example has it, with ids that are its own", () => {
    expect(toSynchronizeSession(session, v5)).toEqual({
      id: SESSION,
      repositoryId: REPOSITORY,
      state: "Synchronizing",
      progressPercent: 0,
      _links: {
        self: { href: `https://epsilon.tech.local:4443/v5/RepositorySynchronizeSessions/${SESSION}` },
        repository: { href: `https://epsilon.tech.local:4443/v5/backuprepositories/${REPOSITORY}` },
      },
    });
  });

  it("has the words None, Synchronizing and Failed, and says why it failed", () => {
    const state = (change: Partial<SyncSessionSummary>) => {
      const { state: word, error } = toSynchronizeSession({ ...session, ...change }, v6);
      return [word, error];
    };
    expect(state({ state: "queued" })).toEqual(["Synchronizing", undefined]);
    expect(state({ state: "succeeded" })).toEqual(["None", undefined]);
    expect(state({ state: "stopped" })).toEqual(["None", undefined]);
    expect(state({ state: "failed", failure: { code: "unavailable", message: "The disk is gone." } })).toEqual([
      "Failed",
      "The disk is gone.",
    ]);
  });
});

it("a repository is told with its bytes, and as keeping everything", () => {
  const holding: RepositoryHolding = {
    id: REPOSITORY,
    name: "main",
    description: "",
    path: "/vaults/main",
    createdAt: "2026-05-10T07:59:12.037Z",
    syncedAt: null,
    isOutOfSync: true,
    storedBytes: 7,
    freeBytes: 5,
    totalBytes: 10,
    reachable: true,
    holdsReplicas: false,
    agents: [],
  };
  expect(toBackupRepository(holding, { id: SESSION, name: "vbo" }, v6)).toMatchObject({
    id: REPOSITORY,
    proxyId: SESSION,
    hostName: "vbo",
    capacityBytes: 10,
    freeSpaceBytes: 5,
    isOutOfSync: true,
    retentionType: "SnapshotBased",
    yearlyRetentionPeriod: "Keep",
    _links: { self: { href: `/v6/backuprepositories/${REPOSITORY}` } },
  });
});

it("a page links to its neighbours, and to none beyond the ends", () => {
  const at = (offset: number) =>
    Object.keys(toPage({ items: [1, 2], total: 6 }, { offset, limit: 2 }, "jobs", v6)._links);
  expect(at(0)).toEqual(["self", "first", "next"]);
  expect(at(2)).toEqual(["self", "first", "prev", "next"]);
  expect(at(4)).toEqual(["self", "first", "prev"]);
  expect(toPage({ items: [1, 2], total: 6 }, { offset: 1, limit: 2 }, "jobs", v5)._links).toMatchObject({
    prev: { href: "https://epsilon.tech.local:4443/v5/jobs?limit=2&offset=0" },
    next: { href: "https://epsilon.tech.local:4443/v5/jobs?limit=2&offset=3" },
  });
});

it("ids are read in any letter case", () => {
  expect(VeeamId.parse(REPOSITORY.toUpperCase())).toBe(REPOSITORY);
});
