"use client";

import { useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Notice } from "@/components/ui/notice";
import { RelativeTime } from "@/components/ui/relative-time";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { TwoPersonRequest } from "@/lib/engine/protection/schemas";
import { DenyRequest } from "./deny-request";
import { touches } from "./queries";
import { ReasonForm } from "./reason-form";
import { doorInWords, neededInWords, STATE_WORDS } from "./words";

/** One that something can still become of: what will happen, who asked, until when, and who is needed. */
export function OpenRequest({ request }: { request: TwoPersonRequest }) {
  const { title, state, requestedBy, door, createdAt, expiresAt, tenant, ruleTitle, reason, isMine } = request;
  const word = STATE_WORDS[state];
  return (
    <li className="grid gap-2.5 px-3.5 py-3.5" aria-label={title}>
      <div className="flex flex-wrap items-center gap-2">
        <Badge tone={word.tone} icon={word.icon}>
          {word.label}
        </Badge>
        <span className="text-muted text-xs">{ruleTitle}</span>
        {tenant && <Badge>{tenant.name}</Badge>}
      </div>
      <p className="break-words font-medium">{title}</p>
      <p className="break-words text-muted text-sm">
        {`Asked for by ${isMine ? "you" : requestedBy.name} ${doorInWords(door)}, `}
        <RelativeTime at={createdAt} />
        {". Expires "}
        <RelativeTime at={expiresAt} />
        {"."}
      </p>
      {reason && <p className="break-words border-l-2 pl-2.5 text-sm">{reason}</p>}
      <Standing request={request} />
      <Actions request={request} />
    </li>
  );
}

function Standing({ request }: { request: TwoPersonRequest }) {
  const { state, decidedBy, doneBy, isMine, mayAgree } = request;
  if (state === "approved")
    return (
      <Notice kind="ok" title={`${decidedBy ?? "A second person"} agreed`}>
        {doneBy === "core"
          ? "It is being done."
          : isMine
            ? "Go back to where you asked, and do the same again: it works once."
            : "Whoever asked has to do it again now; it works once."}
      </Notice>
    );
  return (
    <p className="text-sm">{mayAgree ? "You can be the second person." : `It waits for ${neededInWords(request)}.`}</p>
  );
}

function Actions({ request }: { request: TwoPersonRequest }) {
  const [asking, setAsking] = useState<"agree" | "deny" | null>(null);
  const close = () => setAsking(null);
  const agree = useAction({
    run: () => callAdmin(adminContract.agreeToRequest, { id: request.id }),
    touches,
    done: () => "You agreed",
    onDone: close,
  });
  const cancel = useAction({
    run: () => callAdmin(adminContract.cancelTwoPersonRequest, { id: request.id }),
    touches,
    done: () => "The request is taken back",
  });
  if (request.state !== "waiting") return null;
  return (
    <div className="flex flex-wrap items-center gap-2">
      {request.mayAgree && (
        <>
          <Button tone="primary" onClick={() => setAsking("agree")}>
            Agree…
          </Button>
          <Button onClick={() => setAsking("deny")}>Deny…</Button>
        </>
      )}
      {request.isMine && (
        <>
          <ReasonForm request={request} />
          <Button pending={cancel.isPending} onClick={() => cancel.mutate(undefined)}>
            Take it back
          </Button>
        </>
      )}
      <Confirm
        open={asking === "agree"}
        onOpenChange={(open) => !open && close()}
        title="Agree to this"
        action="Agree, and have it done"
        pending={agree.isPending}
        onConfirm={() => agree.mutate(undefined)}
      >
        <p className="break-words font-medium">{request.title}</p>
        <p>
          {request.doneBy === "core"
            ? `${request.requestedBy.name} asked for it. It is done at once, with the rights of that account.`
            : `${request.requestedBy.name} asked for it, and may then do it once.`}
        </p>
        <p className="text-muted">The audit trail names you both.</p>
      </Confirm>
      {asking === "deny" && <DenyRequest request={request} onClose={close} />}
    </div>
  );
}
