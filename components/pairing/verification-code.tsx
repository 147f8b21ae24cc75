import type { ReactNode } from "react";

/** The code both screens show, big enough to be read out over the phone. */
export function VerificationCode({ code, children }: { code: string; children: ReactNode }) {
  return (
    <div className="min-w-0 self-start rounded-md border border-petrol/25 bg-petrol-soft/55 px-4 py-3">
      <p className="text-muted text-xs">Verification code</p>
      <p className="font-mono font-semibold text-2xl tracking-[0.14em]" data-testid="verification-code">
        {code}
      </p>
      <p className="mt-1 text-sm">{children}</p>
    </div>
  );
}
