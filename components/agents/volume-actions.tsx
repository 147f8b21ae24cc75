"use client";

import { useQuery } from "@tanstack/react-query";
import { ArrowRightLeft, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Button, IconButton } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Dialog } from "@/components/ui/dialog";
import { Field, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { AgentDetail, AgentSummary, Volume } from "@/lib/engine/agents/schemas";
import { agentChoicesQuery } from "./queries";

interface VolumeActionsProps {
  agent: AgentDetail;
  volume: Volume;
}

/** What can be done with a volume of an agent that this core leads. */
export function VolumeActions({ agent, volume }: VolumeActionsProps) {
  const may = useMay();
  const [doing, setDoing] = useState<"move" | "delete" | null>(null);
  if (agent.ledBy !== null || agent.kind !== "machine" || agent.deletionAskedAt) return null;
  const close = () => setDoing(null);
  return (
    <span className="-my-1 inline-flex">
      {may(adminContract.moveVolume) && (
        <IconButton label={`Move ${volume.name}`} onClick={() => setDoing("move")}>
          <ArrowRightLeft aria-hidden />
        </IconButton>
      )}
      {may(adminContract.deleteVolume) && (
        <IconButton label={`Delete ${volume.name}`} onClick={() => setDoing("delete")}>
          <Trash2 aria-hidden />
        </IconButton>
      )}
      {doing === "move" && <MoveVolume agent={agent} volume={volume} onClose={close} />}
      {doing === "delete" && <DeleteVolume volume={volume} onClose={close} />}
    </span>
  );
}

const touches = [["agents"], ["policies"], ["sessions"]] as const;

function DeleteVolume({ volume, onClose }: { volume: Volume; onClose: () => void }) {
  const remove = useAction({
    run: () => callAdmin(adminContract.deleteVolume, { volumeId: volume.id }),
    touches,
    done: () => `${volume.name} is captured no more`,
    onDone: onClose,
    quiet: true,
  });
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Delete the volume ${volume.name}`}
      action="Delete volume"
      pending={remove.isPending}
      onConfirm={() => remove.mutate(undefined)}
    >
      <p>It is captured no more. Recovery points keep their images of it, here and on targets.</p>
      {volume.managedBytes !== null && <p className="font-medium">The disk image that this core keeps is deleted.</p>}
      {volume.path && volume.managedBytes === null && (
        <p className="text-muted">{`Not touched: ${volume.path} itself.`}</p>
      )}
      {remove.error && (
        <Notice kind="danger" live>
          {remove.error.message}
        </Notice>
      )}
    </Confirm>
  );
}

function MoveVolume({ agent, volume, onClose }: VolumeActionsProps & { onClose: () => void }) {
  const agents = useQuery(agentChoicesQuery());
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Move ${volume.name}`}
      description={`The volume goes to another agent. Its recovery points so far stay with ${agent.name}.`}
    >
      <QueryView query={agents} what="the agents">
        {({ items }) => (
          <MoveForm volume={volume} agents={items.filter(({ id }) => id !== agent.id)} onClose={onClose} />
        )}
      </QueryView>
    </Dialog>
  );
}

interface MoveFormProps {
  volume: Volume;
  agents: readonly AgentSummary[];
  onClose: () => void;
}

function MoveForm({ volume, agents, onClose }: MoveFormProps) {
  const move = useAction({
    run: (agentId: string) => callAdmin(adminContract.moveVolume, { volumeId: volume.id, agentId }),
    touches,
    done: () => `${volume.name} has moved`,
    onDone: onClose,
    quiet: true,
  });
  if (agents.length === 0) return <Notice kind="info">There is no other agent of this core.</Notice>;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    move.mutate(String(new FormData(event.currentTarget).get("agentId")));
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field label="To">
        {(control) => (
          <Select {...control} name="agentId">
            {agents.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
        )}
      </Field>
      {move.error && (
        <Notice kind="danger" live title="Not moved">
          {move.error.message}
        </Notice>
      )}
      <Button tone="primary" type="submit" pending={move.isPending} className="justify-self-end">
        Move it
      </Button>
    </form>
  );
}
