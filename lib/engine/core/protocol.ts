import { TwincoreError } from "@/lib/errors";

/**
 * Version of the protocol between cores that this program speaks. It grows when a core that does not know the change would
 * misread what it is told; members that an older core passes over change nothing.
 */
export const PROTOCOL_VERSION = 1;
/** The oldest one that it still speaks. */
export const PROTOCOL_OLDEST = 1;

/** Does this program speak it? What says no version is a client of the original contract: that is spoken. */
export function isSpoken(version: number | null | undefined): boolean {
  return version === null || version === undefined || (version >= PROTOCOL_OLDEST && version <= PROTOCOL_VERSION);
}

export interface Speakers {
  readonly ownName: string;
  readonly peerName: string;
  readonly peerProtocol: number | null | undefined;
}

/**
 * Throws conflict with detail "protocol" when the two cores do not speak a version in common. The message names both cores,
 * because people on both sides read it.
 */
export function assertSpoken({ ownName, peerName, peerProtocol }: Speakers): void {
  if (isSpoken(peerProtocol)) return;
  const own =
    PROTOCOL_OLDEST === PROTOCOL_VERSION ? `${PROTOCOL_VERSION}` : `${PROTOCOL_OLDEST} to ${PROTOCOL_VERSION}`;
  const behind = (peerProtocol ?? 0) < PROTOCOL_OLDEST ? peerName : ownName;
  throw new TwincoreError(
    "conflict",
    `“${peerName}” speaks version ${peerProtocol} of the protocol between cores, “${ownName}” speaks version ${own}. Bring “${behind}” up to date.`,
    { detail: "protocol" },
  );
}
