"use client";

import { CheckCheck } from "lucide-react";
import { useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Select, Textarea } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { type Alert, AlertKind } from "@/lib/engine/alerts/schemas";
import { formatNumberOf } from "@/lib/format";
import { kindInWords } from "./rule-words";

/** What one call takes. */
const IDS_MAX = 200;

/** After a bad night: see to all that is shown, or to all of a kind, with a word about it. */
export function AcknowledgeShown({ alerts }: { alerts: readonly Alert[] }) {
  const [asking, setAsking] = useState(false);
  return (
    <div className="flex justify-end border-b px-3.5 py-2">
      <Button size="sm" onClick={() => setAsking(true)}>
        <CheckCheck aria-hidden />
        Acknowledge several
      </Button>
      {asking && <Ask alerts={alerts.slice(0, IDS_MAX)} onClose={() => setAsking(false)} />}
    </div>
  );
}

function Ask({ alerts, onClose }: { alerts: readonly Alert[]; onClose: () => void }) {
  const [which, setWhich] = useState("shown");
  const [note, setNote] = useState("");
  const kinds = [...new Set(alerts.map(({ kind }) => kind))];
  const acknowledge = useAction({
    run: () => {
      const kind = AlertKind.safeParse(which).data;
      const chosen = kind ? { kind } : { ids: alerts.map(({ id }) => id) };
      return callAdmin(adminContract.acknowledgeAlerts, { ...chosen, note });
    },
    touches: [["alerts"]],
    done: ({ acknowledged }) => `Noted: you see to ${formatNumberOf(acknowledged, "alert")}`,
    onDone: onClose,
    quiet: true,
  });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Acknowledge several alerts">
      <div className="grid gap-4">
        <Field label="Which" hint="Those that somebody sees to already stay theirs.">
          {(control) => (
            <Select {...control} value={which} onChange={(event) => setWhich(event.target.value)}>
              <option value="shown">{`The ${formatNumberOf(alerts.length, "open one")} shown`}</option>
              {kinds.map((kind) => (
                <option key={kind} value={kind}>
                  {`Every open one of the kind “${kindInWords(kind)}”`}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="A word about it" hint="Stands with each of them. May be empty.">
          {(control) => (
            <Textarea {...control} maxLength={500} value={note} onChange={(event) => setNote(event.target.value)} />
          )}
        </Field>
        {acknowledge.error && (
          <Notice kind="danger" live>
            {acknowledge.error.message}
          </Notice>
        )}
        <Button
          tone="primary"
          className="justify-self-end"
          pending={acknowledge.isPending}
          onClick={() => acknowledge.mutate(undefined)}
        >
          Acknowledge
        </Button>
      </div>
    </Dialog>
  );
}
