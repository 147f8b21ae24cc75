"use client";

import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { CreateRepositoryInput, type FolderInspection } from "@/lib/engine/repositories/schemas";
import { folderQuery } from "./queries";

/** Makes a repository in a folder; where a repository lies already, it offers to attach that. */
export function CreateRepository({ onClose }: { onClose: () => void }) {
  const [wrong, setWrong] = useState<{ name?: string; path?: string }>({});
  const [path, setPath] = useState("");
  const folder = useQuery(folderQuery(path));
  const attach = folder.data?.kind === "repository" && path !== "";
  const create = useAction({
    run: (input: CreateRepositoryInput) => callAdmin(adminContract.createRepository, input),
    touches: [["repositories"], ["sync-sessions"], ["overview"]],
    done: (repository) => (attach ? `${repository.name} is attached and being synced` : `${repository.name} is ready`),
    onDone: onClose,
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.currentTarget));
    const input = CreateRepositoryInput.safeParse({ ...form, attach });
    const found: typeof wrong = {};
    if (!String(form.path).startsWith("/")) found.path = "Give an absolute path on this core's machine.";
    for (const issue of input.error?.issues ?? []) if (issue.path[0] === "name") found.name ??= issue.message;
    setWrong(found);
    if (input.success && !found.path) create.mutate(input.data);
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={attach ? "Attach a repository" : "New repository"}>
      <form onSubmit={submit} noValidate className="grid gap-4">
        <Field label="Name" error={wrong.name}>
          {(control) => <Input {...control} name="name" autoComplete="off" />}
        </Field>
        <FolderField error={wrong.path} onLeave={setPath} />
        <WhatIsThere found={path === "" ? undefined : folder.data} />
        {create.error && (
          <Notice kind="danger" live title={attach ? "Not attached" : "Not made"}>
            {create.error.message}
          </Notice>
        )}
        <Button tone="primary" type="submit" pending={create.isPending} className="justify-self-end">
          {attach ? "Attach and sync" : "Make the repository"}
        </Button>
      </form>
    </Dialog>
  );
}

/** Long enough that a path is not looked at letter by letter. */
const PAUSE_MS = 400;

function FolderField({ error, onLeave }: { error: string | undefined; onLeave: (path: string) => void }) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const look = (path: string, afterMs: number) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => onLeave(path.trim()), afterMs);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  return (
    <Field
      label="Folder"
      hint="On the machine of this core; it is made when it does not exist. A folder that is a repository already can be attached. Other nodes of this core must see the same folder."
      error={error}
    >
      {(control) => (
        <Input
          {...control}
          name="path"
          className="font-mono"
          spellCheck={false}
          autoComplete="off"
          placeholder="/srv/twincore/main"
          onChange={(event) => look(event.target.value, PAUSE_MS)}
          onBlur={(event) => look(event.target.value, 0)}
        />
      )}
    </Field>
  );
}

function WhatIsThere({ found }: { found: FolderInspection | undefined }) {
  if (found?.kind === "repository")
    return (
      <Notice live title="This folder is a repository already">
        Attaching lists what lies in it: agents, volumes and recovery points, of another core or of this one after its
        database was lost. Make sure that no other core uses the folder any more.
      </Notice>
    );
  if (found?.kind === "used" || found?.kind === "other")
    return (
      <Notice kind="warn" live title="This folder cannot be taken">
        {found.reason}
      </Notice>
    );
  return null;
}
