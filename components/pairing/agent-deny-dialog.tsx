"use client";

import { useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Checkbox, Field, Textarea } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { DenyAgentsInput } from "@/lib/engine/pairing/agents/schemas";
import type { PairingSummary } from "@/lib/engine/pairing/schemas";
import { formatNumberOf } from "@/lib/format";
import { openAgents } from "./agent-words";
import { touches } from "./words";

/** Which agents are refused, and why: the message is what the other side gets to read. */
export function DenyAgents({ pairing, onClose }: { pairing: PairingSummary; onClose: () => void }) {
  const [agents] = useState(() => openAgents(pairing));
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(agents.map((agent) => agent.agentId)));
  const [message, setMessage] = useState("");
  const [asked, setAsked] = useState(false);
  const input = DenyAgentsInput.safeParse({ id: pairing.id, agentIds: [...chosen], message });
  const deny = useAction({
    run: (denial: DenyAgentsInput) => callAdmin(adminContract.denyAgents, denial),
    touches,
    done: (_, { agentIds }) => `${formatNumberOf(agentIds.length, "agent")} denied; ${pairing.peerName} is told why`,
    onDone: onClose,
    quiet: true,
  });
  const submit = () => {
    setAsked(true);
    if (input.success) deny.mutate(input.data);
  };
  const toggle = (id: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  const footer = (
    <div className="flex flex-wrap justify-end gap-2">
      <Button onClick={onClose}>Cancel</Button>
      <Button tone="danger" pending={deny.isPending} onClick={submit}>
        {`Deny ${formatNumberOf(chosen.size, "agent")}`}
      </Button>
    </div>
  );
  return (
    <Dialog open onOpenChange={onClose} title={`Deny agents of ${pairing.peerName}`} footer={footer}>
      <div className="grid gap-3">
        <fieldset className="min-w-0">
          <legend className="mb-1 font-medium text-sm">Agents</legend>
          <ul className="max-h-48 overflow-y-auto rounded-md border">
            {agents.map((agent) => (
              <li key={agent.agentId} className="border-b px-3 py-1.5 last:border-b-0">
                <Checkbox
                  checked={chosen.has(agent.agentId)}
                  onChange={(event) => toggle(agent.agentId, event.target.checked)}
                  label={agent.name}
                />
              </li>
            ))}
          </ul>
          {asked && chosen.size === 0 && (
            <p role="alert" className="mt-1 font-medium text-danger text-xs">
              Choose at least one agent.
            </p>
          )}
        </fieldset>
        <Field
          label="Why"
          hint="The other side reads this word for word."
          error={asked && message.trim() === "" ? "Say why, in at most 1,000 characters." : undefined}
        >
          {(control) => (
            <Textarea
              {...control}
              maxLength={1000}
              value={message}
              onChange={(event) => setMessage(event.target.value)}
            />
          )}
        </Field>
        <p className="text-muted text-sm">
          The pairing and its other agents go on. Agents that are left out go on waiting; denied ones may ask again.
        </p>
        {deny.error && (
          <Notice kind="danger" live title="Not denied">
            {deny.error.message}
          </Notice>
        )}
      </div>
    </Dialog>
  );
}
