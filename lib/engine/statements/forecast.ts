import type { CountedUsage } from "./compute";

/** Days at whose mean the rest of a month is forecast. */
export const RECENT_DAYS = 7;

/** What a month comes to when its rest is used as the last days were: to date + mean × what is left, in whole units. Pure. */
export function extrapolate(
  toDate: CountedUsage,
  recent: { usage: Omit<CountedUsage, "missingSeconds">; seconds: number },
  remainingSeconds: number,
): CountedUsage {
  const rest = (counted: bigint) => (counted * BigInt(remainingSeconds)) / BigInt(recent.seconds);
  return {
    storedByteSeconds: toDate.storedByteSeconds + rest(recent.usage.storedByteSeconds),
    protectedByteSeconds: toDate.protectedByteSeconds + rest(recent.usage.protectedByteSeconds),
    transferredBytes: toDate.transferredBytes + rest(recent.usage.transferredBytes),
    agentSeconds: toDate.agentSeconds + rest(recent.usage.agentSeconds),
    missingSeconds: toDate.missingSeconds,
  };
}
