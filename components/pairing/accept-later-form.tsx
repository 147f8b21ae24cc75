"use client";

import { useQuery } from "@tanstack/react-query";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Field, Select } from "@/components/ui/field";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { PairingSummary } from "@/lib/engine/pairing/schemas";
import { repositoryChoicesQuery } from "./queries";
import { touches } from "./words";

const LABEL = "Take in agents that this core asks for later";

/** Target: whether agents that the source asks for later are taken in at once, and where they go. In force at once. */
export function AcceptLaterForm({ pairing }: { pairing: PairingSummary }) {
  const may = useMay()(adminContract.updatePairing);
  const repositories = useQuery({ ...repositoryChoicesQuery(), enabled: may });
  const update = useAction({
    run: (acceptRepositoryId: string | null) =>
      callAdmin(adminContract.updatePairing, { id: pairing.id, acceptRepositoryId }),
    touches,
    done: ({ acceptRepository }) =>
      acceptRepository
        ? `Later agents go into ${acceptRepository.name} at once`
        : "Somebody here answers for each later agent",
  });
  if (!may) return <p className="text-sm">{pairing.acceptRepository?.name ?? "Somebody here answers for each."}</p>;
  return (
    <AcceptLaterChoice
      repositories={repositories.data?.items ?? (pairing.acceptRepository ? [pairing.acceptRepository] : [])}
      value={pairing.acceptRepository?.id ?? ""}
      disabled={update.isPending}
      onChange={(id) => update.mutate(id || null)}
    />
  );
}

interface AcceptLaterChoiceProps {
  repositories: readonly { id: string; name: string }[];
  /** Empty: people answer each. */
  value: string;
  disabled?: boolean;
  onChange: (repositoryId: string) => void;
}

/** The choice itself, also for a request that is being approved. */
export const AcceptLaterChoice = ({ repositories, value, disabled, onChange }: AcceptLaterChoiceProps) => (
  <Field
    label={LABEL}
    hint="Its policies ask for agents by themselves. Without a repository, each waits for an answer."
  >
    {(control) => (
      <Select {...control} value={value} disabled={disabled} onChange={(event) => onChange(event.target.value)}>
        <option value="">No: somebody answers for each</option>
        {repositories.map(({ id, name }) => (
          <option key={id} value={id}>{`Yes, into ${name}`}</option>
        ))}
      </Select>
    )}
  </Field>
);
