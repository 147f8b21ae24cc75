"use client";

import { FolderTree, HardDrive, type LucideIcon, Plus, Radio } from "lucide-react";
import Link from "next/link";
import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { AgentDetail, Volume, VolumeInput } from "@/lib/engine/agents/schemas";
import { formatBytes } from "@/lib/format";
import { NewDisk } from "./new-disk";
import { StreamLine } from "./stream-line";
import { VolumeActions } from "./volume-actions";
import { EMPTY_VOLUME, readVolume, type VolumeDraft, VolumeFields, type WrongVolume } from "./volume-fields";

const KINDS: Readonly<Record<Volume["kind"], { icon: LucideIcon; label: string }>> = {
  folder: { icon: FolderTree, label: "Folder" },
  image: { icon: HardDrive, label: "Disk image or device" },
  stream: { icon: Radio, label: "Stream, sent over HTTP" },
};

/** What of an agent is captured. */
export function VolumesPanel({ agent }: { agent: AgentDetail }) {
  const may = useMay();
  const [adding, setAdding] = useState(false);
  const mine = agent.source === null && may(adminContract.addVolume);
  return (
    <Panel
      flush
      title="Volumes"
      actions={
        mine && (
          <>
            <NewDisk agent={agent} />
            <Button size="sm" onClick={() => setAdding(true)}>
              <Plus aria-hidden />
              Add
            </Button>
          </>
        )
      }
    >
      {agent.volumes.length === 0 && <p className="px-3.5 py-3 text-muted text-sm">None yet.</p>}
      <ul>
        {agent.volumes.map((volume) => (
          <VolumeItem key={volume.id} agent={agent} volume={volume} />
        ))}
      </ul>
      {adding && <AddVolume agentId={agent.id} onClose={() => setAdding(false)} />}
    </Panel>
  );
}

function VolumeItem({ agent, volume }: { agent: AgentDetail; volume: Volume }) {
  const { icon: Icon, label } = KINDS[volume.kind];
  return (
    <li className="grid min-w-0 gap-1.5 border-b px-3.5 py-2.5 text-sm last:border-b-0">
      <p className="flex items-center gap-2 font-medium">
        <Icon className="size-4 shrink-0 text-muted" aria-label={label} />
        <span className="min-w-0 flex-1 break-words">{volume.name}</span>
        <VolumeActions agent={agent} volume={volume} />
      </p>
      {volume.managedBytes !== null && (
        <p className="text-muted text-xs">{`kept by this core, ${formatBytes(volume.managedBytes)}`}</p>
      )}
      {volume.path && <p className="break-all font-mono text-muted text-xs">{volume.path}</p>}
      {volume.excludes.length > 0 && (
        <p className="break-words text-muted text-xs">{`without ${volume.excludes.join(", ")}`}</p>
      )}
      {volume.kind === "stream" && agent.source === null && (
        <>
          <StreamLine agentId={agent.id} volume={volume.name} />
          <p className="text-muted text-xs">
            Needs an API token, made under{" "}
            <Link href="/settings" className="underline underline-offset-2">
              Settings
            </Link>
            .
          </p>
        </>
      )}
    </li>
  );
}

function AddVolume({ agentId, onClose }: { agentId: string; onClose: () => void }) {
  const [draft, setDraft] = useState<VolumeDraft>(EMPTY_VOLUME);
  const [wrong, setWrong] = useState<WrongVolume>({});
  const add = useAction({
    run: (volume: VolumeInput) => callAdmin(adminContract.addVolume, { agentId, ...volume }),
    touches: [["agents"]],
    done: (volume) => `${volume.name} is captured from now on`,
    onDone: onClose,
    quiet: true,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const read = readVolume(draft);
    setWrong(read.wrong);
    if (read.volume) add.mutate(read.volume);
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Add a volume">
      <form onSubmit={submit} noValidate className="grid gap-4">
        <VolumeFields draft={draft} wrong={wrong} onChange={setDraft} />
        {add.error && (
          <Notice kind="danger" live>
            {add.error.message}
          </Notice>
        )}
        <Button tone="primary" type="submit" pending={add.isPending} className="justify-self-end">
          Add the volume
        </Button>
      </form>
    </Dialog>
  );
}
