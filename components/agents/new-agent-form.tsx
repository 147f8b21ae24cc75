"use client";

import { useQuery } from "@tanstack/react-query";
import { Database, Plus, Trash2 } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Field, Input, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { CreateAgentInput } from "@/lib/engine/agents/schemas";
import type { RepositorySummary } from "@/lib/engine/repositories/schemas";
import { formatBytes } from "@/lib/format";
import { repositoryChoicesQuery } from "./queries";
import { EMPTY_VOLUME, readVolume, type VolumeDraft, VolumeFields, type WrongVolume } from "./volume-fields";

/** Protect a machine, or a part of it. */
export function NewAgentForm() {
  const query = useQuery(repositoryChoicesQuery());
  return (
    <Panel className="max-w-3xl">
      <QueryView query={query} what="the repositories">
        {(page) => (page.items.length === 0 ? <NoRepository /> : <AgentForm repositories={page.items} />)}
      </QueryView>
    </Panel>
  );
}

const NoRepository = () => (
  <EmptyState
    icon={Database}
    title="First a repository"
    action={
      <Button asChild tone="primary">
        <Link href="/repositories">Make a repository</Link>
      </Button>
    }
  >
    What is captured needs a place to lie: a folder of this machine.
  </EmptyState>
);

/** Drafts have no id of their own until the core makes one. */
interface NumberedDraft extends VolumeDraft {
  number: number;
}

function AgentForm({ repositories }: { repositories: readonly RepositorySummary[] }) {
  const router = useRouter();
  const [drafts, setDrafts] = useState<readonly NumberedDraft[]>([{ ...EMPTY_VOLUME, number: 1 }]);
  const [wrong, setWrong] = useState<{ name?: string; volumes: readonly WrongVolume[] }>({ volumes: [] });
  const create = useAction({
    run: (input: CreateAgentInput) => callAdmin(adminContract.createAgent, input),
    touches: [["agents"], ["overview"]],
    done: (agent) => `${agent.name} is protected from now on`,
    onDone: (agent) => router.push(`/agents/${agent.id}`),
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.currentTarget));
    const read = drafts.map(readVolume);
    const volumes = read.flatMap(({ volume }) => (volume ? [volume] : []));
    const input = CreateAgentInput.safeParse({
      name: form.name,
      hostName: form.hostName,
      repositoryId: form.repositoryId,
      volumes,
    });
    const noName = String(form.name).trim() === "";
    setWrong({ name: noName ? "Give the agent a name." : undefined, volumes: read.map((one) => one.wrong) });
    if (input.success && volumes.length === drafts.length) create.mutate(input.data);
  };
  const change = (number: number, draft: VolumeDraft) =>
    setDrafts(drafts.map((one) => (one.number === number ? { ...draft, number } : one)));
  return (
    <form onSubmit={submit} noValidate className="grid max-w-2xl gap-5">
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label="Name" hint="As people call it: files of the office, web-01." error={wrong.name}>
          {(control) => <Input {...control} name="name" autoComplete="off" maxLength={120} />}
        </Field>
        <Field label="Host name" hint="May stay empty.">
          {(control) => <Input {...control} name="hostName" autoComplete="off" maxLength={253} />}
        </Field>
      </div>
      <Field label="Repository" hint="Where its recovery points lie on this core.">
        {(control) => (
          <Select {...control} name="repositoryId">
            {repositories.map((repository) => (
              <option
                key={repository.id}
                value={repository.id}
              >{`${repository.name} (${formatBytes(repository.freeBytes)} free)`}</option>
            ))}
          </Select>
        )}
      </Field>
      {drafts.map((draft, at) => (
        <fieldset key={draft.number} className="grid min-w-0 gap-4 rounded-md border p-3.5">
          <legend className="px-1 font-medium text-sm">{`Volume ${at + 1}`}</legend>
          <VolumeFields draft={draft} wrong={wrong.volumes[at] ?? {}} onChange={(next) => change(draft.number, next)} />
          {drafts.length > 1 && (
            <Button
              size="sm"
              tone="ghost"
              className="justify-self-start"
              onClick={() => setDrafts(drafts.filter((one) => one.number !== draft.number))}
            >
              <Trash2 aria-hidden />
              Remove this volume
            </Button>
          )}
        </fieldset>
      ))}
      <Button
        className="justify-self-start"
        onClick={() => setDrafts([...drafts, { ...EMPTY_VOLUME, number: (drafts.at(-1)?.number ?? 0) + 1 }])}
      >
        <Plus aria-hidden />
        Another volume
      </Button>
      {create.error && (
        <Notice kind="danger" live title="Not made">
          {create.error.message}
        </Notice>
      )}
      <div className="flex flex-wrap gap-2">
        <Button tone="primary" type="submit" pending={create.isPending}>
          Protect it
        </Button>
        <Button asChild tone="ghost">
          <Link href="/agents">Cancel</Link>
        </Button>
      </div>
    </form>
  );
}
