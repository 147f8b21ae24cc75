"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { CreateTenantInput } from "@/lib/engine/tenants/schemas";
import { readTenantForm, TenantFields, type Wrong, wrongsOf } from "./tenant-fields";

/** Makes a customer before its first core comes. */
export function CreateTenant({ onClose }: { onClose: () => void }) {
  const router = useRouter();
  const [wrong, setWrong] = useState<Wrong>({});
  const create = useAction({
    run: (input: CreateTenantInput) => callAdmin(adminContract.createTenant, input),
    touches: [["tenants"]],
    done: ({ name }) => `${name} is made`,
    onDone: ({ id }) => router.push(`/tenants/${id}`),
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const input = CreateTenantInput.safeParse(readTenantForm(event.currentTarget));
    setWrong(wrongsOf(input.error?.issues ?? []));
    if (input.success) create.mutate(input.data);
  };
  return (
    <Dialog open wide onOpenChange={(open) => !open && onClose()} title="New tenant">
      <form onSubmit={submit} noValidate className="grid gap-4">
        <TenantFields wrong={wrong} />
        {create.error && (
          <Notice kind="danger" live title="Not made">
            {create.error.message}
          </Notice>
        )}
        <Button tone="primary" type="submit" pending={create.isPending} className="justify-self-end">
          Make the tenant
        </Button>
      </form>
    </Dialog>
  );
}
