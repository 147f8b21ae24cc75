"use client";

import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { CodeLine } from "@/components/ui/copy";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { SizeInput } from "@/components/ui/size-input";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { CreateEnrolmentTokenInput } from "@/lib/engine/enrolment-tokens/schemas";
import type { RepositorySummary } from "@/lib/engine/repositories/schemas";
import { formatBytes } from "@/lib/format";
import { roomiest } from "./approval-choice";
import { repositoryChoicesQuery, tenantChoicesQuery } from "./queries";
import { touches } from "./words";

const LIVES = [
  { hours: 1, label: "An hour" },
  { hours: 24, label: "A day" },
  { hours: 24 * 7, label: "A week" },
  { hours: 24 * 30, label: "30 days" },
] as const;

/** Makes a token and shows it: once, here, and never again. */
export function CreateEnrolmentToken({ onClose }: { onClose: () => void }) {
  const repositories = useQuery(repositoryChoicesQuery());
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="New enrolment token">
      <QueryView query={repositories} what="the repositories">
        {({ items }) =>
          items.length === 0 ? (
            <Notice kind="warn" title="There is no repository yet">
              What is replicated here needs a place to lie. Make a repository first.
            </Notice>
          ) : (
            <TokenForm repositories={items} onClose={onClose} />
          )
        }
      </QueryView>
    </Dialog>
  );
}

function TokenForm({ repositories, onClose }: { repositories: readonly RepositorySummary[]; onClose: () => void }) {
  const tenants = useQuery(tenantChoicesQuery());
  const [wrong, setWrong] = useState<string>();
  const [quotaBytes, setQuotaBytes] = useState<number | null>(null);
  const create = useAction({
    run: (input: CreateEnrolmentTokenInput) => callAdmin(adminContract.createEnrolmentToken, input),
    touches,
    onWaiting: onClose,
    quiet: true,
  });
  if (create.data) return <Made name={create.data.name} token={create.data.token} onClose={onClose} />;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.currentTarget));
    const input = CreateEnrolmentTokenInput.safeParse({
      name: form.name,
      repositoryId: form.repositoryId,
      tenantId: form.tenantId || null,
      expiresInHours: Number(form.life),
      quotaBytes,
    });
    setWrong(input.success ? undefined : "Give the token a name, so that you know later which core it was for.");
    if (input.success) create.mutate(input.data);
  };
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <Field label="Name" error={wrong}>
        {(control) => <Input {...control} name="name" autoComplete="off" placeholder="branch office Kiel" />}
      </Field>
      <Field label="Repository" hint="Where the agents of the core that comes with it lie.">
        {(control) => (
          <Select {...control} name="repositoryId" defaultValue={roomiest(repositories)}>
            {repositories.map(({ id, name, freeBytes }) => (
              <option key={id} value={id}>{`${name} (${formatBytes(freeBytes)} free)`}</option>
            ))}
          </Select>
        )}
      </Field>
      <Field label="Tenant" hint="Cores of one tenant share what they store; cores of different tenants never do.">
        {(control) => (
          <Select {...control} name="tenantId" defaultValue="">
            <option value="">A new one for that core</option>
            {tenants.data?.items.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <SizeInput label="Quota of each agent" value={quotaBytes} onChange={setQuotaBytes} units={["GiB", "TiB"]} />
      <Field label="Expires after">
        {(control) => (
          <Select {...control} name="life" defaultValue="24">
            {LIVES.map(({ hours, label }) => (
              <option key={hours} value={hours}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {create.error && (
        <Notice kind="danger" live title="Not made">
          {create.error.message}
        </Notice>
      )}
      <Button tone="primary" type="submit" pending={create.isPending} className="justify-self-end">
        Make the token
      </Button>
    </form>
  );
}

const Made = ({ name, token, onClose }: { name: string; token: string; onClose: () => void }) => (
  <div className="grid gap-4">
    <Notice kind="ok" live title={`${name} is made`}>
      Copy it now: it is shown this once only, and whoever has it can pair one core. On the source: Pairing, Pair now.
    </Notice>
    <CodeLine label="the token">{token}</CodeLine>
    <Button tone="primary" className="justify-self-end" onClick={onClose}>
      Done
    </Button>
  </div>
);
