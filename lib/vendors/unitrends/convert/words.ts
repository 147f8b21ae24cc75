import type { PeerStanding } from "@/lib/engine/pairing/schemas";
import type { QueueStatus } from "@/lib/engine/replication-queue/schemas";
import type { QueueStrategy } from "@/lib/engine/replication-settings/schemas";

const MB = 1024 * 1024;
/** This core itself; numbers of others begin behind it. */
export const LOCAL_SYSTEM = 1;

/** The system id of an accepted core, and back. */
export const systemIdOf = (number: number): number => number + LOCAL_SYSTEM;
export const numberOf = (systemId: number): number => systemId - LOCAL_SYSTEM;

/** Megabytes with two decimals. */
export const toMegabytes = (bytes: number): number => Math.round((bytes / MB) * 100) / 100;

/** "2026-11-21 15:04:05", UTC. */
export const toDate = (instant: string): string => instant.slice(0, 19).replace("T", " ");

/** "HH:MM:SS"; hours go beyond 24. */
export function toDuration(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const whole = Math.max(0, Math.floor(seconds));
  return `${two(Math.floor(whole / 3600))}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/** "1d 2h 3m" */
export function toRemaining(seconds: number): string {
  const minutes = Math.max(0, Math.ceil(seconds / 60));
  const parts = [`${Math.floor(minutes / 1440)}d`, `${Math.floor(minutes / 60) % 24}h`, `${minutes % 60}m`];
  const first = parts.findIndex((part) => !part.startsWith("0"));
  return first < 0 ? "0m" : parts.slice(first).join(" ");
}

const STATUS_WORDS: Readonly<Record<PeerStanding["state"], string>> = {
  pending: "pending",
  established: "accepted",
  denied: "rejected",
  ignored: "pending",
  blocked: "rejected",
  expired: "failed",
  deleted: "failed",
};

/** Everything that could run is paused: the relation as a whole is suspended. */
export const isSuspended = ({ sessions, pausedHere, pausedThere }: PeerStanding): boolean =>
  sessions > 0 && pausedHere + pausedThere === sessions;

export const requestStatus = ({ state }: PeerStanding): string => STATUS_WORDS[state];

/** Of a target: what a source sees of it. */
export const targetStatus = (peer: PeerStanding): string =>
  peer.state !== "established" ? STATUS_WORDS[peer.state] : isSuspended(peer) ? "suspended" : "complete";

export const STRATEGY_WORDS: Readonly<Record<QueueStrategy, string>> = {
  manual: "Manual",
  "maximum-retention": "Maximum Retention",
  recency: "Recency",
};
const SCHEMES: readonly QueueStrategy[] = ["manual", "maximum-retention", "recency"];

/** "0", "1" or "2" */
export const schemeOf = (strategy: QueueStrategy): string => String(SCHEMES.indexOf(strategy));

/** A strategy by its name in any letter case, or by its number. null: it is none. */
export function strategyOf(text: string): QueueStrategy | null {
  const plain = text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s_]+/g, "-");
  return SCHEMES.find((strategy, index) => strategy === plain || String(index) === plain) ?? null;
}

export const QUEUE_WORDS: Readonly<Record<QueueStatus, string>> = {
  needed: "Needed",
  "in-progress": "In Progress",
  done: "Done",
  failed: "Failed",
  aborted: "Aborted",
};
