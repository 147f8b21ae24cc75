"use client";

import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Checkbox, Field, Input, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { SizeInput } from "@/components/ui/size-input";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { CreateSeedDriveInput } from "@/lib/engine/seed-drives/schemas";
import { formatNumberOf } from "@/lib/format";
import { FolderField, folderFault } from "./folder-field";
import { touches } from "./words";

export interface Target {
  pairingId: string;
  name: string;
  agents: { id: string; name: string; pendingPoints: number | null }[];
}

type Wrong = Partial<Record<"name" | "folder" | "passphrase" | "repeated" | "agentIds" | "limitBytes", string>>;

export function CreateDriveForm({ targets, onClose }: { targets: readonly Target[]; onClose: () => void }) {
  const [pairingId, setPairingId] = useState(targets[0]?.pairingId ?? "");
  const [limitBytes, setLimitBytes] = useState<number | null>(null);
  const [wrong, setWrong] = useState<Wrong>({});
  const target = targets.find((one) => one.pairingId === pairingId);
  const create = useAction({
    run: (input: CreateSeedDriveInput) => callAdmin(adminContract.createSeedDrive, input),
    touches,
    done: (drive) => `${drive.name} is being written`,
    onDone: onClose,
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { input, faults } = readForm(new FormData(event.currentTarget), pairingId, limitBytes);
    setWrong(faults);
    if (input) create.mutate(input);
  };
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <div className="grid gap-4 @md:grid-cols-2">
        <Field label="Name" hint="What stands on the drive's label." error={wrong.name}>
          {(control) => <Input {...control} name="name" autoComplete="off" />}
        </Field>
        <Field label="Target">
          {(control) => (
            <Select {...control} value={pairingId} onChange={(event) => setPairingId(event.target.value)}>
              {targets.map((one) => (
                <option key={one.pairingId} value={one.pairingId}>
                  {one.name}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      <AgentChoice key={pairingId} agents={target?.agents ?? []} error={wrong.agentIds} />
      <FolderField
        hint="Where the drive is mounted on the machine of this core. A folder of its own is made in it."
        error={wrong.folder}
      />
      <SizeInput
        label="Most bytes on one drive"
        hint={wrong.limitBytes ?? "Left empty, the drive is filled. What does not fit goes to the next one."}
        value={limitBytes}
        onChange={setLimitBytes}
        units={["GiB", "TiB", "MiB"]}
      />
      <div className="grid gap-4 @md:grid-cols-2">
        <Field
          label="Passphrase"
          hint="Encrypts the drive. It is kept nowhere: write it down."
          error={wrong.passphrase}
        >
          {(control) => <Input {...control} name="passphrase" type="password" autoComplete="new-password" />}
        </Field>
        <Field label="Passphrase again" error={wrong.repeated}>
          {(control) => <Input {...control} name="repeated" type="password" autoComplete="new-password" />}
        </Field>
      </div>
      <p className="text-muted text-sm">
        Replication goes on meanwhile. Pause the sessions of these agents when the line is to stay free until the drive
        has arrived.
      </p>
      {create.error && (
        <Notice kind="danger" live title="Not begun">
          {create.error.message}
        </Notice>
      )}
      <Button tone="primary" type="submit" pending={create.isPending} className="justify-self-end">
        Start the export
      </Button>
    </form>
  );
}

function AgentChoice({ agents, error }: { agents: Target["agents"]; error?: string }) {
  return (
    <fieldset className="grid gap-1">
      <legend className="mb-1 font-medium text-sm">Agents</legend>
      <div className="grid max-h-56 gap-x-4 overflow-y-auto rounded-md border p-2.5 @md:grid-cols-2">
        {agents.map((agent) => (
          <Checkbox
            key={agent.id}
            name="agentIds"
            value={agent.id}
            defaultChecked={agents.length === 1}
            label={
              <>
                {agent.name}
                {agent.pendingPoints !== null && (
                  <span className="text-muted text-xs">{` · ${formatNumberOf(agent.pendingPoints, "point")} to carry`}</span>
                )}
              </>
            }
          />
        ))}
      </div>
      <p className={error ? "font-medium text-danger text-xs" : "text-muted text-xs"}>
        {error ?? "Every recovery point that the target is not known to hold is carried."}
      </p>
    </fieldset>
  );
}

function readForm(form: FormData, pairingId: string, limitBytes: number | null) {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const passphrase = String(form.get("passphrase") ?? "");
  const parsed = CreateSeedDriveInput.safeParse({
    pairingId,
    name: text("name"),
    agentIds: form.getAll("agentIds"),
    folder: text("folder"),
    ...(limitBytes === null ? {} : { limitBytes }),
    ...(passphrase ? { passphrase } : {}),
  });
  const faults: Wrong = {};
  for (const { path } of parsed.error?.issues ?? [])
    if (path[0] === "name") faults.name = "Give it a name.";
    else if (path[0] === "agentIds") faults.agentIds = "Choose at least one agent.";
    else if (path[0] === "passphrase") faults.passphrase = "A passphrase has at least 12 characters.";
    else if (path[0] === "limitBytes") faults.limitBytes = "A drive holds at least 16 MiB.";
  const folder = folderFault(text("folder"));
  if (folder) faults.folder = folder;
  if (passphrase !== String(form.get("repeated") ?? "")) faults.repeated = "The two are not the same.";
  return { faults, input: parsed.success && Object.keys(faults).length === 0 ? parsed.data : null };
}
