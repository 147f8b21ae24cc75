"use client";

import { Pencil, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { May } from "@/components/shell/may";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { type TenantDetail, UpdateTenantInput } from "@/lib/engine/tenants/schemas";
import { readTenantForm, TenantFields, type Wrong, wrongsOf } from "./tenant-fields";

const TOUCHES = [["tenants"], ["pairings"], ["statements"]] as const;

/** Changes what is known of a customer, or forgets it. */
export function ManageTenant({ tenant }: { tenant: TenantDetail }) {
  const [open, setOpen] = useState<"edit" | "delete">();
  const close = () => setOpen(undefined);
  return (
    <>
      {!tenant.isHome && (
        <May call="deleteTenant">
          <Button tone="danger" onClick={() => setOpen("delete")}>
            <Trash2 aria-hidden />
            Delete…
          </Button>
        </May>
      )}
      <May call="updateTenant">
        <Button onClick={() => setOpen("edit")}>
          <Pencil aria-hidden />
          Edit
        </Button>
      </May>
      {open === "edit" && <Edit tenant={tenant} onClose={close} />}
      {open === "delete" && <Delete tenant={tenant} onClose={close} />}
    </>
  );
}

interface Props {
  tenant: TenantDetail;
  onClose: () => void;
}

function Edit({ tenant, onClose }: Props) {
  const [wrong, setWrong] = useState<Wrong>({});
  const update = useAction({
    run: (input: UpdateTenantInput) => callAdmin(adminContract.updateTenant, input),
    touches: TOUCHES,
    done: ({ name }) => `${name} is changed`,
    onDone: onClose,
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const input = UpdateTenantInput.safeParse({ id: tenant.id, ...readTenantForm(event.currentTarget) });
    setWrong(wrongsOf(input.error?.issues ?? []));
    if (input.success) update.mutate(input.data);
  };
  return (
    <Dialog open wide onOpenChange={(open) => !open && onClose()} title={`Edit ${tenant.name}`}>
      <form onSubmit={submit} noValidate className="grid gap-4">
        <TenantFields tenant={tenant} wrong={wrong} />
        {update.error && (
          <Notice kind="danger" live title="Not changed">
            {update.error.message}
          </Notice>
        )}
        <Button tone="primary" type="submit" pending={update.isPending} className="justify-self-end">
          Save
        </Button>
      </form>
    </Dialog>
  );
}

function Delete({ tenant: { id, name }, onClose }: Props) {
  const router = useRouter();
  const remove = useAction({
    run: () => callAdmin(adminContract.deleteTenant, { id }),
    touches: TOUCHES,
    done: () => `${name} is forgotten`,
    onDone: () => router.push("/tenants"),
    quiet: true,
  });
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Delete ${name}`}
      action="Delete the tenant"
      pending={remove.isPending}
      onConfirm={() => remove.mutate(undefined)}
    >
      <p>
        Only a tenant of whom nothing is left can go: no agent, pairing, token, person or record, and nothing in the
        ledger that somebody may ask about.
      </p>
      {remove.error && (
        <Notice kind="danger" live title="Not deleted">
          {remove.error.message}
        </Notice>
      )}
    </Confirm>
  );
}
