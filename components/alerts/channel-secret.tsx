"use client";

import { Button } from "@/components/ui/button";
import { CodeLine } from "@/components/ui/copy";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import type { MadeChannel } from "@/lib/engine/channels/schemas";

const VERIFY = "new Webhook(secret).verify(body, headers) // npm i standardwebhooks";

/** A webhook's secret: once, here, and never again; and how its receiver uses it. */
export function ChannelSecret({ made, onClose }: { made: MadeChannel; onClose: () => void }) {
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={`The secret of ${made.name}`} wide>
      <div className="grid gap-4 text-sm">
        <Notice kind="ok" live title="Copy it now">
          It is shown this once only. Whoever has it can tell that a message came from this core, and nobody else can
          make one.
        </Notice>
        <CodeLine label="the secret">{made.secret ?? ""}</CodeLine>
        <div className="grid gap-2">
          <h3 className="font-semibold">How the receiver verifies a message</h3>
          <p>
            Messages are signed as Standard Webhooks has it: <code>webhook-signature</code> is <code>v1,</code> and the
            HMAC-SHA-256 of <code>webhook-id</code>, <code>webhook-timestamp</code> and the body, joined by dots, in
            base64. Its libraries exist for every language; in JavaScript it is this line:
          </p>
          <CodeLine label="the line">{VERIFY}</CodeLine>
          <p className="text-muted">
            Answer with a status of 200 to 299 within ten seconds. Anything else is tried again for a day, 30 seconds
            later at first; 410 switches the channel off. A message may come twice: its <code>webhook-id</code> is then
            the same.
          </p>
        </div>
        <Button tone="primary" className="justify-self-end" onClick={onClose}>
          Done
        </Button>
      </div>
    </Dialog>
  );
}
