import { CopyText } from "@/components/ui/copy";
import { Panel } from "@/components/ui/panel";
import type { PairingSummary } from "@/lib/engine/pairing/schemas";
import { CertificateExpiry } from "./certificate-expiry";

/** The certificates that count for a pairing now, and when each ends. */
export function PeerCertificates({ certificates }: Pick<PairingSummary, "certificates">) {
  if (certificates.length === 0) return null;
  return (
    <Panel title="Certificates">
      <ul className="grid gap-3">
        {certificates.map(({ fingerprint, notAfter, isRegistered }) => (
          <li key={fingerprint} className="grid min-w-0 gap-0.5 text-sm">
            <CertificateExpiry at={notAfter} />
            <span className="text-muted text-xs">
              {isRegistered ? "brought by the source; it does not renew itself" : "renews itself before that"}
            </span>
            <CopyText text={fingerprint} label="certificate fingerprint" />
          </li>
        ))}
      </ul>
    </Panel>
  );
}
