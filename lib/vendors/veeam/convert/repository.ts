import type { RepositoryHolding } from "@/lib/engine/repositories/schemas";
import type { Linker } from "../values";

/** A repository as a backup repository. Retention is the matter of policies here: what is said of it is that everything is kept. */
export const toBackupRepository = (holding: RepositoryHolding, core: { id: string; name: string }, link: Linker) => ({
  id: holding.id,
  name: holding.name,
  description: holding.description,
  path: holding.path,
  hostName: core.name,
  proxyId: core.id,
  capacityBytes: holding.totalBytes,
  freeSpaceBytes: holding.freeBytes,
  isOutOfSync: holding.isOutOfSync,
  isOutdated: false,
  isLongTerm: false,
  objectStorageEncryptionEnabled: false,
  retentionType: "SnapshotBased",
  retentionPeriodType: "Yearly",
  yearlyRetentionPeriod: "Keep",
  retentionFrequencyType: "Daily",
  dailyTime: "00:00:00",
  dailyType: "Everyday",
  _links: {
    self: link(`backuprepositories/${holding.id}`),
    proxy: link(`proxies/${core.id}`),
  },
});
