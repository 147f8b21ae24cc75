const NS_PER_US = 1000n;
const US_PER_SECOND = 1_000_000;

/**
 * Nanoseconds as node:fs takes times. It carries them in a double and cuts them to microseconds, so those are what arrives
 * whole: half a microsecond away from zero keeps the double on the right side of the cut. As a string, because a negative
 * number (before 1970) would be taken for "now".
 */
export function toFileTime(ns: bigint): string {
  const us = Number(floorDivide(ns, NS_PER_US));
  return String((us + (us < 0 ? -0.5 : 0.5)) / US_PER_SECOND);
}

/** BigInt division cuts towards zero; times before 1970 need the floor. */
export function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value % divisor < 0n ? quotient - 1n : quotient;
}
