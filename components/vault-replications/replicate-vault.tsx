"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { ReplicationDestination } from "@/lib/engine/vault-replications/schemas";
import { formatBytes } from "@/lib/format";
import { destinationsQuery } from "./queries";

interface ReplicateVaultProps {
  repositoryId: string;
  name: string;
  onClose: () => void;
}

/** Chooses a core and one of the repositories that it offers, then sends everything there. */
export function ReplicateVault({ repositoryId, name, onClose }: ReplicateVaultProps) {
  const query = useQuery(destinationsQuery());
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Replicate ${name} to another core`}
      description="Every image in it, the oldest first. What is there already is not sent again, and nothing is deleted on either side."
    >
      <QueryView query={query} what="the other cores">
        {({ destinations }) =>
          destinations.length === 0 ? (
            <NoCore />
          ) : (
            <Choice repositoryId={repositoryId} destinations={destinations} onClose={onClose} />
          )
        }
      </QueryView>
    </Dialog>
  );
}

const NoCore = () => (
  <div className="grid justify-items-start gap-3 text-sm">
    <p>This core sends to no other one yet. Ask one to take its agents first.</p>
    <Button asChild tone="primary">
      <Link href="/pairing/new">Send a pairing request</Link>
    </Button>
  </div>
);

interface ChoiceProps {
  repositoryId: string;
  destinations: readonly ReplicationDestination[];
  onClose: () => void;
}

function Choice({ repositoryId, destinations, onClose }: ChoiceProps) {
  const [pairingId, setPairingId] = useState(destinations[0]?.pairingId ?? "");
  const [chosenId, setChosenId] = useState("");
  const core = destinations.find((one) => one.pairingId === pairingId);
  const chosen = core?.repositories.find(({ id }) => id === chosenId) ?? core?.repositories[0];
  const replicate = useAction({
    run: (destinationRepositoryId: string) =>
      callAdmin(adminContract.replicateVault, { repositoryId, pairingId, destinationRepositoryId }),
    touches: [["vault-replications"], ["sessions"], ["repositories"]],
    done: ({ records }) => `${records.total - records.skipped} images are on their way`,
    onDone: onClose,
    quiet: true,
  });
  return (
    <div className="grid gap-4">
      <Field label="Core">
        {(control) => (
          <Select {...control} value={pairingId} onChange={(event) => setPairingId(event.target.value)}>
            {destinations.map((one) => (
              <option key={one.pairingId} value={one.pairingId}>
                {one.reachable ? one.core.name : `${one.core.name} (does not answer)`}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {core && !core.reachable && (
        <Notice kind="warn" title={`${core.core.name} does not answer just now`}>
          {core.message} The images wait until it does.
        </Notice>
      )}
      <Field label="Repository there" hint="A core shows those that hold, or would take, agents of this one.">
        {(control) => (
          <Select {...control} value={chosen?.id ?? ""} onChange={(event) => setChosenId(event.target.value)}>
            {core?.repositories.map((one) => (
              <option key={one.id} value={one.id}>{`${one.name}, ${formatBytes(one.freeBytes)} free`}</option>
            ))}
          </Select>
        )}
      </Field>
      <p className="text-muted text-sm">
        Agents that it has not taken in yet are asked for; their images wait until somebody there answers.
      </p>
      {replicate.error && (
        <Notice kind="danger" live title="Not begun">
          {replicate.error.message}
        </Notice>
      )}
      <Button
        tone="primary"
        className="justify-self-end"
        pending={replicate.isPending}
        disabled={!chosen}
        onClick={() => chosen && replicate.mutate(chosen.id)}
      >
        Replicate everything
      </Button>
    </div>
  );
}
