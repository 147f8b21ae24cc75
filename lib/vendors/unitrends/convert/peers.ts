import type { Overview } from "@/lib/engine/core/schemas";
import type { PeerStanding } from "@/lib/engine/pairing/schemas";
import type { RepositorySummary } from "@/lib/engine/repositories/schemas";
import type { PendingRow, StorageRow, SystemRow, TargetRow } from "../output";
import { isSuspended, LOCAL_SYSTEM, requestStatus, systemIdOf, targetStatus, toDate, toMegabytes } from "./words";

/** A request of another core as the target's operator sees it. */
export function toPending(peer: PeerStanding): PendingRow {
  return {
    request_id: peer.number,
    host: peer.name,
    asset_tag: peer.coreId ?? "",
    status: requestStatus(peer),
    created: toDate(peer.requestedAt),
    updated: toDate(peer.updatedAt),
    ...(peer.message ? { message: peer.message } : {}),
    verification_code: peer.verificationCode,
  };
}

interface TargetOptions {
  withType: boolean;
  withName: boolean;
}

/** A target of this core. */
export function toTarget(peer: PeerStanding, { withType, withName }: TargetOptions): TargetRow {
  const isSuspendedHere = isSuspended(peer) && peer.pausedHere > 0;
  return {
    host: peer.host,
    status: targetStatus(peer),
    created: toDate(peer.requestedAt),
    updated: toDate(peer.updatedAt),
    ...(peer.lastContactAt ? { last_poll: toDate(peer.lastContactAt) } : {}),
    suspend_toggled: isSuspended(peer),
    is_suspended_by_source: isSuspendedHere,
    suspend_toggled_by_source: isSuspendedHere,
    ...(withType ? { type: "replication_target" } : {}),
    ...(withName ? { name: peer.name } : {}),
  };
}

function roleOf(peer: PeerStanding): string {
  if (peer.side === "source") return "Target";
  return peer.state === "established" ? "Non-Managed Replication Source" : "Pending Replication Source";
}

function systemStatus(peer: PeerStanding): string {
  if (peer.state !== "established") return requestStatus(peer);
  if (isSuspended(peer)) return "suspended";
  return peer.isOnline ? "available" : "not available";
}

/** Another core. One that is not accepted yet has the request's number, negative, as its id. */
export function toSystem(peer: PeerStanding): SystemRow {
  const isAccepted = peer.state === "established";
  return {
    id: isAccepted ? systemIdOf(peer.number) : -peer.number,
    is_pending: peer.state === "pending",
    request_id: isAccepted ? null : peer.number,
    name: peer.name,
    host: peer.host,
    asset_tag: peer.coreId ?? "",
    role: roleOf(peer),
    version: peer.version ?? "",
    version_status: "",
    online: isAccepted && peer.isOnline,
    status: systemStatus(peer),
    local: false,
    total_mb_size: toMegabytes(peer.storage?.totalBytes ?? 0),
    total_mb_free: toMegabytes(peer.storage?.freeBytes ?? 0),
    archiving: false,
    replicating: isAccepted && peer.sessions > 0 && !isSuspended(peer),
    customer_id: peer.tenant?.id ?? null,
    customer_name: peer.tenant?.name ?? "",
    location_id: null,
    location_name: "",
    registered_assets: peer.sessions,
    storage_name: peer.storage?.name ?? "",
    message: peer.message,
    created: toDate(peer.requestedAt),
    updated: toDate(peer.updatedAt),
  };
}

/** This core. `sources`: whether others replicate to it. */
export function toLocalSystem({ core, counts, storage }: Overview, hasSources: boolean, now: string): SystemRow {
  return {
    id: LOCAL_SYSTEM,
    is_pending: false,
    request_id: null,
    name: core.name,
    host: core.peerUrl === "" ? core.name : new URL(core.peerUrl).hostname,
    asset_tag: core.id,
    role: hasSources ? "Target" : "Backup System",
    version: core.version,
    version_status: "",
    online: true,
    status: "available",
    local: true,
    total_mb_size: toMegabytes(storage.totalBytes),
    total_mb_free: toMegabytes(storage.freeBytes),
    archiving: false,
    replicating: counts.runsActive > 0,
    customer_id: null,
    customer_name: "",
    location_id: null,
    location_name: "",
    registered_assets: counts.agents,
    storage_name: "",
    message: "",
    created: toDate(now),
    updated: toDate(now),
  };
}

export function toStorage(repository: RepositorySummary, isDefault: boolean): StorageRow {
  return {
    id: repository.number,
    name: repository.name,
    sid: LOCAL_SYSTEM,
    type: "internal",
    usage: "backup",
    is_default: isDefault,
    status: repository.reachable ? "online" : "offline",
    mb_size: toMegabytes(repository.totalBytes),
    mb_free: toMegabytes(repository.freeBytes),
    mb_used: toMegabytes(repository.storedBytes),
  };
}
