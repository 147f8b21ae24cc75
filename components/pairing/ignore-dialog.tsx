"use client";

import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { PairingSummary } from "@/lib/engine/pairing/schemas";
import { touches } from "./words";

interface IgnoreDialogProps {
  request: PairingSummary;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** No answer at all: for now, or for good. */
export function IgnoreDialog({ request, open, onOpenChange }: IgnoreDialogProps) {
  const ignore = useAction({
    run: (forGood: boolean) => callAdmin(adminContract.ignorePairing, { id: request.id, forGood }),
    touches,
    done: (_, forGood) =>
      forGood ? `The key of ${request.peerName} is not heard again` : `${request.peerName} is dismissed`,
    onDone: () => onOpenChange(false),
    quiet: true,
  });
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Ignore ${request.peerName}`}
      description="Neither tells the other side anything."
    >
      <div className="grid gap-2">
        <Choice
          title="Dismiss"
          text="Forget this request. The same core may ask again."
          pending={ignore.isPending && ignore.variables === false}
          onChoose={() => ignore.mutate(false)}
        />
        <Choice
          title="Ignore for good"
          text="This key is never heard again. A core with another key can still ask."
          danger
          pending={ignore.isPending && ignore.variables === true}
          onChoose={() => ignore.mutate(true)}
        />
        {ignore.error && (
          <Notice kind="danger" live>
            {ignore.error.message}
          </Notice>
        )}
      </div>
    </Dialog>
  );
}

interface ChoiceProps {
  title: string;
  text: string;
  pending: boolean;
  danger?: boolean;
  onChoose: () => void;
}

const Choice = ({ title, text, pending, danger, onChoose }: ChoiceProps) => (
  <div className="flex flex-wrap items-center gap-3 rounded-md border p-3">
    <p className="min-w-0 flex-1 basis-48 text-muted text-sm">{text}</p>
    <Button tone={danger ? "danger-quiet" : "secondary"} pending={pending} onClick={onChoose}>
      {title}
    </Button>
  </div>
);
