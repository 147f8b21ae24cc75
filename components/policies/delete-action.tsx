"use client";

import { Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { IconButton } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Notice } from "@/components/ui/notice";
import { touches } from "./words";

interface DeleteActionProps {
  name: string;
  what: string;
  /** Another button than the icon. */
  trigger?: (open: () => void) => ReactNode;
  run: () => Promise<unknown>;
  onDone?: () => void;
  children: ReactNode;
}

/** Deletes a rule or a policy, after it was said what that does; a refusal of the core stands beside it. */
export function DeleteAction({ name, what, trigger, run, onDone, children }: DeleteActionProps) {
  const [open, setOpen] = useState(false);
  const remove = useAction({
    run,
    touches,
    done: () => `${name} is deleted`,
    onDone: () => {
      setOpen(false);
      onDone?.();
    },
    quiet: true,
  });
  const change = (next: boolean) => {
    remove.reset();
    setOpen(next);
  };
  return (
    <>
      {trigger ? (
        trigger(() => change(true))
      ) : (
        <IconButton label={`Delete ${name}`} onClick={() => change(true)}>
          <Trash2 aria-hidden />
        </IconButton>
      )}
      <Confirm
        open={open}
        onOpenChange={change}
        title={`Delete ${name}`}
        action={`Delete ${what}`}
        pending={remove.isPending}
        onConfirm={() => remove.mutate(undefined)}
      >
        {children}
        {remove.error && (
          <Notice kind="danger" live>
            {remove.error.message}
          </Notice>
        )}
      </Confirm>
    </>
  );
}
