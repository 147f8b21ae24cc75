"use client";

import { useQuery } from "@tanstack/react-query";
import { Server } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { useMe } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Checkbox, Field, Input, Textarea } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { AgentSummary } from "@/lib/engine/agents/schemas";
import { SendPairingRequestInput } from "@/lib/engine/pairing/schemas";
import { formatBytes, formatNumberOf } from "@/lib/format";
import { agentChoicesQuery } from "./queries";
import { touches } from "./words";

/** Ask another core to take agents of this one. */
export function SendRequestForm({ target }: { target?: string }) {
  const query = useQuery(agentChoicesQuery());
  return (
    <Panel className="max-w-3xl">
      <QueryView query={query} what="the agents of this core">
        {(page) => (page.items.length === 0 ? <NoAgents /> : <RequestForm agents={page.items} target={target} />)}
      </QueryView>
    </Panel>
  );
}

/** Nothing is captured here, so there is nothing to send. */
export const NoAgents = () => (
  <EmptyState
    icon={Server}
    title="There is nothing to replicate yet"
    action={
      <Button asChild tone="primary">
        <Link href="/agents/new">Protect something first</Link>
      </Button>
    }
  >
    A pairing request names the agents that the other core shall take.
  </EmptyState>
);

type Wrong = Partial<Record<keyof SendPairingRequestInput, string>>;

const SAYINGS: Readonly<Record<string, string>> = {
  targetUrl: "Give the peer address of the other core; it starts with https://.",
  agentIds: "Choose at least one agent.",
  contactEmail: "This is no e-mail address.",
};

function RequestForm({ agents, target }: { agents: readonly AgentSummary[]; target?: string }) {
  const router = useRouter();
  const me = useMe();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(() => new Set(agents.map((agent) => agent.id)));
  const [wrong, setWrong] = useState<Wrong>({});
  const send = useAction({
    run: (input: SendPairingRequestInput) => callAdmin(adminContract.sendPairingRequest, input),
    touches,
    done: () => "The request is sent",
    onDone: (pairing) => router.push(`/pairing/${pairing.id}`),
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.currentTarget));
    const input = SendPairingRequestInput.safeParse({ ...form, agentIds: [...chosen] });
    const found: Wrong = {};
    if (!input.success)
      for (const issue of input.error.issues) {
        const field = issue.path[0] as keyof SendPairingRequestInput;
        found[field] ??= SAYINGS[field] ?? issue.message;
      }
    setWrong(found);
    if (input.success) send.mutate(input.data);
  };
  return (
    <form onSubmit={submit} noValidate className="grid max-w-2xl gap-4">
      <Field
        label="Peer address of the other core"
        hint="Its administrator finds it under Settings, or on the empty Pairing page."
        error={wrong.targetUrl}
      >
        {(control) => (
          <Input
            {...control}
            name="targetUrl"
            type="url"
            inputMode="url"
            placeholder="https://vault.example.com:8006"
            defaultValue={target}
            autoComplete="off"
          />
        )}
      </Field>
      <AgentChoice agents={agents} chosen={chosen} onChange={setChosen} error={wrong.agentIds} />
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Contact" hint="Whom their administrator calls to compare the code." error={wrong.contactEmail}>
          {(control) => (
            <Input {...control} name="contactEmail" type="email" defaultValue={me.email} autoComplete="email" />
          )}
        </Field>
        <Field label="Customer id" hint="As your provider knows you; may stay empty." error={wrong.customerId}>
          {(control) => <Input {...control} name="customerId" autoComplete="off" />}
        </Field>
      </div>
      <Field label="Comments" hint="Their administrator reads this beside the request." error={wrong.comments}>
        {(control) => <Textarea {...control} name="comments" />}
      </Field>
      {send.error && (
        <Notice kind="danger" live title="The request was not sent">
          {send.error.message}
        </Notice>
      )}
      <div className="flex flex-wrap gap-2">
        <Button tone="primary" type="submit" pending={send.isPending}>
          Send the request
        </Button>
        <Button asChild tone="ghost">
          <Link href="/pairing">Cancel</Link>
        </Button>
      </div>
    </form>
  );
}

interface AgentChoiceProps {
  agents: readonly AgentSummary[];
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
  error?: string;
}

/** Which agents of this core; how many and how much that is. */
export function AgentChoice({ agents, chosen, onChange, error }: AgentChoiceProps) {
  const sizeBytes = agents.filter((agent) => chosen.has(agent.id)).reduce((sum, agent) => sum + agent.logicalBytes, 0);
  const toggle = (id: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(id);
    else next.delete(id);
    onChange(next);
  };
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1 font-medium text-sm">Agents to replicate</legend>
      <ul className="max-h-64 overflow-y-auto rounded-md border">
        {agents.map((agent) => (
          <li key={agent.id} className="flex items-center justify-between gap-3 border-b px-3 py-1.5 last:border-b-0">
            <Checkbox
              checked={chosen.has(agent.id)}
              onChange={(event) => toggle(agent.id, event.target.checked)}
              label={agent.name}
            />
            <span className="shrink-0 text-muted text-xs">
              {agent.recoveryPoints === 0 ? "no recovery point yet" : formatBytes(agent.logicalBytes)}
            </span>
          </li>
        ))}
      </ul>
      <p
        className={error ? "mt-1 font-medium text-danger text-xs" : "mt-1 text-muted text-xs"}
        role={error ? "alert" : undefined}
      >
        {error ?? `${formatNumberOf(chosen.size, "agent")}, ${formatBytes(sizeBytes)}`}
      </p>
    </fieldset>
  );
}
