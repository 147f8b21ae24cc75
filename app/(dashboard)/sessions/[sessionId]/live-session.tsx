"use client";

import { RateCapForm } from "@/components/pairing/rate-cap-form";
import { SessionPage } from "@/components/sessions/session-detail";

/** A session with the rate cap of its pairing: two features on one page. */
export const LiveSession = ({ id }: { id: string }) => (
  <SessionPage
    id={id}
    rateCap={(session) => (
      <RateCapForm pairingId={session.peer.pairingId} capBytesPerSecond={session.rateCapBytesPerSecond} />
    )}
  />
);
