"use client";

import { Pencil, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { type RepositoryDetail, UpdateRepositoryInput } from "@/lib/engine/repositories/schemas";

const TOUCHES = [["repositories"], ["agents"], ["overview"]] as const;

/** Renames a repository, or has the core forget it. */
export function ManageRepository({ repository }: { repository: RepositoryDetail }) {
  const [open, setOpen] = useState<"rename" | "forget">();
  if (!useMay()(adminContract.updateRepository)) return null;
  const close = () => setOpen(undefined);
  return (
    <>
      <Button tone="danger" onClick={() => setOpen("forget")}>
        <Trash2 aria-hidden />
        Forget…
      </Button>
      <Button onClick={() => setOpen("rename")}>
        <Pencil aria-hidden />
        Rename
      </Button>
      {open === "rename" && <Rename repository={repository} onClose={close} />}
      {open === "forget" && <Forget repository={repository} onClose={close} />}
    </>
  );
}

interface Props {
  repository: RepositoryDetail;
  onClose: () => void;
}

function Rename({ repository: { id, name }, onClose }: Props) {
  const [wrong, setWrong] = useState<string>();
  const rename = useAction({
    run: (input: UpdateRepositoryInput) => callAdmin(adminContract.updateRepository, input),
    touches: TOUCHES,
    done: (repository) => `It is called ${repository.name} now`,
    onDone: onClose,
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const input = UpdateRepositoryInput.safeParse({ id, name: new FormData(event.currentTarget).get("name") });
    setWrong(input.error?.issues[0]?.message);
    if (input.success) rename.mutate(input.data);
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={`Rename ${name}`}>
      <form onSubmit={submit} noValidate className="grid gap-4">
        <Field label="Name" error={wrong}>
          {(control) => <Input {...control} name="name" defaultValue={name} autoComplete="off" />}
        </Field>
        {rename.error && (
          <Notice kind="danger" live title="Not renamed">
            {rename.error.message}
          </Notice>
        )}
        <Button tone="primary" type="submit" pending={rename.isPending} className="justify-self-end">
          Rename
        </Button>
      </form>
    </Dialog>
  );
}

function Forget({ repository: { id, name }, onClose }: Props) {
  const router = useRouter();
  const forget = useAction({
    run: () => callAdmin(adminContract.deleteRepository, { id }),
    touches: TOUCHES,
    done: () => `${name} is forgotten`,
    onDone: () => router.push("/repositories"),
    quiet: true,
  });
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Forget ${name}`}
      action="Forget the repository"
      pending={forget.isPending}
      onConfirm={() => forget.mutate(undefined)}
    >
      <p>
        This core will not know it any more. Its folder and everything in it stay as they are, and can be attached
        again. While recovery points are in it or agents go to it, it is not forgotten.
      </p>
      {forget.error && (
        <Notice kind="danger" live title="Not forgotten">
          {forget.error.message}
        </Notice>
      )}
    </Confirm>
  );
}
