import { Badge } from "@/components/ui/badge";
import { RelativeTime } from "@/components/ui/relative-time";
import type { TwoPersonRequest } from "@/lib/engine/protection/schemas";
import { doorInWords, STATE_WORDS } from "./words";

/** What became of one, and through whom. */
export function EndedRequest({ request }: { request: TwoPersonRequest }) {
  const { title, state, requestedBy, door, decidedBy, message, reason, endedAt, createdAt, isMine } = request;
  const word = STATE_WORDS[state];
  return (
    <li className="grid gap-1 px-3.5 py-3" aria-label={title}>
      <div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
        <Badge tone={word.tone} icon={word.icon}>
          {word.label}
        </Badge>
        <span className="min-w-0 flex-1 basis-48 break-words font-medium text-sm">{title}</span>
      </div>
      <p className="break-words text-muted text-xs">
        {`Asked for by ${isMine ? "you" : requestedBy.name} ${doorInWords(door)}`}
        {decidedBy && `, ${state === "denied" ? "denied" : "agreed to"} by ${decidedBy}`}
        {", "}
        <RelativeTime at={endedAt ?? createdAt} />
      </p>
      {reason && <p className="break-words text-muted text-xs">{`Reason: ${reason}`}</p>}
      {message && <p className="break-words text-sm">{message}</p>}
    </li>
  );
}
