import type { FoundAlert } from "../reconcile";
import type { AlertSeverity } from "../schemas";

/** A certificate near its end, as the watch reads it. */
export interface WatchedCertificate {
  pairingId: string;
  peerName: string;
  tenantId: string | null;
  notAfter: Date;
  /** The source brought it: it does not renew itself. */
  isBrought: boolean;
}

const DAY_MS = 86_400_000;

/** Days before the end, and how severe that is, the nearest first. */
const BROUGHT: readonly (readonly [number, AlertSeverity])[] = [
  [1, "critical"],
  [7, "critical"],
  [14, "warning"],
  [30, "info"],
];
/** Ours live for 30 days and are renewed ten days before their end: until then there is nothing to say. */
const RENEWED: readonly (readonly [number, AlertSeverity])[] = [
  [1, "critical"],
  [7, "warning"],
];

/** Decides whether people should know of it. Pure. */
export function judgeCertificate(certificate: WatchedCertificate, now: Date): FoundAlert | null {
  const left = (certificate.notAfter.getTime() - now.getTime()) / DAY_MS;
  const level = (certificate.isBrought ? BROUGHT : RENEWED).find(([days]) => left <= days);
  if (!level) return null;
  const [days, severity] = level;
  const when = left <= 0 ? "has lapsed" : days === 1 ? "lapses within a day" : `lapses within ${days} days`;
  const why = certificate.isBrought
    ? "The other core brought it, so it does not renew itself."
    : "It should have been renewed ten days before its end.";
  return {
    kind: "certificate-expiring",
    severity,
    subjectKind: "pairing",
    subjectId: certificate.pairingId,
    tenantId: certificate.tenantId,
    title: `The certificate for “${certificate.peerName}” ${when}`,
    detail: `It ends on ${certificate.notAfter.toISOString().slice(0, 10)}. ${why}`,
  };
}
