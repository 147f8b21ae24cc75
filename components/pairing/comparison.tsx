import type { ReactNode } from "react";
import { CopyText } from "@/components/ui/copy";
import type { PairingSummary } from "@/lib/engine/pairing/schemas";
import { VerificationCode } from "./verification-code";

/** What two people compare before a core is let in: the code, or the certificate of a client that knows no code. */
export function Comparison({ request, children }: { request: PairingSummary; children: ReactNode }) {
  if (request.certificateFingerprint === null)
    return <VerificationCode code={request.verificationCode}>{children}</VerificationCode>;
  return (
    <div className="min-w-0 self-start rounded-md border border-petrol/25 bg-petrol-soft/55 px-4 py-3">
      <p className="text-muted text-xs">Fingerprint of the certificate that it brought (SHA-256)</p>
      <CopyText text={request.certificateFingerprint} label="certificate fingerprint" />
      <p className="mt-1 text-sm">{children}</p>
    </div>
  );
}
