import { Facts } from "@/components/ui/facts";
import { RelativeTime } from "@/components/ui/relative-time";
import type { PairingSummary } from "@/lib/engine/pairing/schemas";
import { formatAbsolute, formatNumberOf } from "@/lib/format";
import { VerificationCode } from "./verification-code";

/** This core has asked, and the other side has not answered yet. Never an error. */
export function WaitingCard({ request }: { request: PairingSummary }) {
  return (
    <article
      aria-label={`Request to ${request.peerName || request.peerUrl}`}
      className="grid min-w-0 gap-4 rounded-lg border border-l-4 border-l-petrol bg-surface p-4 md:grid-cols-[minmax(0,1fr)_20rem]"
    >
      <div className="min-w-0">
        <h2 className="break-words font-semibold text-lg">{request.peerName || request.peerUrl}</h2>
        <p className="text-sm">
          {request.way === "request"
            ? "Waiting for approval since"
            : "The answer was lost; asking what became of it since"}{" "}
          <time dateTime={request.requestedAt}>{formatAbsolute(new Date(request.requestedAt))}</time>
        </p>
        <p className="text-muted text-sm">This page turns by itself as soon as they answer. You may close it.</p>
        <Facts
          className="mt-3"
          items={[
            { label: "Address", value: request.peerUrl ?? "unknown" },
            { label: "Asked for", value: formatNumberOf(request.wantedAgents.length, "agent") },
            {
              label: "Last asked",
              value: request.lastContactAt ? <RelativeTime at={request.lastContactAt} /> : "not yet",
            },
            ...(request.expiresAt ? [{ label: "Expires", value: <RelativeTime at={request.expiresAt} /> }] : []),
            ...(request.message ? [{ label: "Last answer", value: request.message }] : []),
          ]}
        />
      </div>
      {request.verificationCode !== "" && (
        <VerificationCode code={request.verificationCode}>
          Tell it to the administrator of the other core: their screen must show the same.
        </VerificationCode>
      )}
    </article>
  );
}
