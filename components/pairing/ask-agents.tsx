"use client";

import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleX, Plus } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Textarea } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { AgentSummary } from "@/lib/engine/agents/schemas";
import type { AgentRequestChecks } from "@/lib/engine/pairing/agents/schemas";
import type { PairingSummary } from "@/lib/engine/pairing/schemas";
import { formatNumberOf } from "@/lib/format";
import { CHECK_WORDS } from "./agent-words";
import { agentChoicesQuery } from "./queries";
import { AgentChoice } from "./send-request-form";
import { touches } from "./words";

/** On the source: the way to replicate more agents to a peer that has let this core in. */
export function AskAgents({ pairing }: { pairing: PairingSummary }) {
  const [open, setOpen] = useState(false);
  const may = useMay();
  if (pairing.side !== "source" || pairing.state !== "established" || !may(adminContract.sendAgentRequest)) return null;
  return (
    <>
      <Button size="sm" onClick={() => setOpen(true)}>
        <Plus aria-hidden />
        Ask for more agents…
      </Button>
      {open && <AskSheet pairing={pairing} onClose={() => setOpen(false)} />}
    </>
  );
}

interface AskSheetProps {
  pairing: PairingSummary;
  onClose: () => void;
}

function AskSheet({ pairing, onClose }: AskSheetProps) {
  const query = useQuery(agentChoicesQuery());
  const known = new Set(pairing.wantedAgents.filter(({ state }) => state !== "denied").map(({ agentId }) => agentId));
  const agents = (query.data?.items ?? []).filter(({ id, deletionAskedAt }) => !known.has(id) && !deletionAskedAt);
  if (agents.length > 0) return <AskForm pairing={pairing} agents={agents} onClose={onClose} />;
  return (
    <Dialog open variant="sheet" onOpenChange={onClose} title={titleOf(pairing)}>
      <QueryView query={query} what="the agents of this core">
        {() => (
          <Notice
            title="Every agent of this core is there or asked for already"
            actions={
              <Button asChild size="sm">
                <Link href="/agents/new">Protect something more</Link>
              </Button>
            }
          />
        )}
      </QueryView>
    </Dialog>
  );
}

const titleOf = (pairing: PairingSummary) => `Ask ${pairing.peerName} to take more agents`;

/** Choose → the other core's checks → send. Another choice asks for the checks anew. */
function AskForm({ pairing, agents, onClose }: AskSheetProps & { agents: readonly AgentSummary[] }) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [comments, setComments] = useState("");
  const [asked, setAsked] = useState(false);
  const id = pairing.id;
  const agentIds = [...chosen];
  const verify = useAction({
    run: () => callAdmin(adminContract.verifyAgentRequest, { id, agentIds }),
    touches: [],
    quiet: true,
  });
  const send = useAction({
    run: () => callAdmin(adminContract.sendAgentRequest, { id, agentIds, comments }),
    touches,
    done: () => `${formatNumberOf(agentIds.length, "agent")} asked for; ${pairing.peerName} answers each of them`,
    onDone: onClose,
    quiet: true,
  });
  const choose = (next: ReadonlySet<string>) => {
    setChosen(next);
    verify.reset();
    send.reset();
  };
  const checks = verify.data?.checks;
  const failing = checks?.some(({ passed }) => !passed);
  const go = () => {
    setAsked(true);
    if (chosen.size === 0) return;
    if (checks) send.mutate(undefined);
    else verify.mutate(undefined);
  };
  const error = send.error ?? verify.error;
  const footer = (
    <div className="flex flex-wrap justify-end gap-2 max-sm:*:flex-1">
      <Button onClick={onClose}>Cancel</Button>
      <Button tone="primary" pending={verify.isPending || send.isPending} onClick={go}>
        {!checks ? "Check with the other core" : failing ? "Send it all the same" : "Send the request"}
      </Button>
    </div>
  );
  return (
    <Dialog
      open
      variant="sheet"
      onOpenChange={onClose}
      title={titleOf(pairing)}
      description="A person there answers for each agent. What is replicated already goes on meanwhile."
      footer={footer}
    >
      <div className="grid gap-4">
        <AgentChoice
          agents={agents}
          chosen={chosen}
          onChange={choose}
          error={asked && chosen.size === 0 ? "Choose at least one agent." : undefined}
        />
        <Field label="Comments" hint="Their administrator reads this beside the agents.">
          {(control) => (
            <Textarea
              {...control}
              maxLength={2000}
              value={comments}
              onChange={(event) => setComments(event.target.value)}
            />
          )}
        </Field>
        {checks && <Checks checks={checks} />}
        {error && (
          <Notice kind="danger" live title={send.error ? "The request was not sent" : "The other core was not asked"}>
            {error.message}
          </Notice>
        )}
      </div>
    </Dialog>
  );
}

function Checks({ checks }: { checks: AgentRequestChecks["checks"] }) {
  return (
    <section aria-label="What the other core says" aria-live="polite" className="rounded-md border">
      <ul className="text-sm">
        {checks.map(({ name, passed, message }) => (
          <li key={name} className="flex items-start gap-2 border-b px-3 py-1.5 last:border-b-0">
            {passed ? (
              <CircleCheck className="mt-0.5 size-4 shrink-0 text-ok" aria-label="passed" />
            ) : (
              <CircleX className="mt-0.5 size-4 shrink-0 text-danger" aria-label="failed" />
            )}
            <span className="min-w-0 break-words">
              {CHECK_WORDS[name] ?? name}
              {message && <span className="block text-danger text-xs">{message}</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
