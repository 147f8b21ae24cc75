"use client";

import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { AccountDetail } from "@/lib/engine/accounts/schemas";
import { TOUCHES } from "./queries";
import { type Rights, RightsFields } from "./rights-fields";

/** Name, role and tenants of somebody. */
export function PersonForm({ account }: { account: AccountDetail }) {
  const [name, setName] = useState(account.name);
  const [rights, setRights] = useState<Rights>({
    role: account.role,
    tenantIds: account.tenants?.map(({ id }) => id) ?? null,
  });
  const save = useAction({
    run: () => callAdmin(adminContract.updateAccount, { id: account.id, name, ...rights }),
    touches: TOUCHES,
    done: () => `The rights of ${account.email} are saved`,
    quiet: true,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field label="Name">
        {(control) => (
          <Input {...control} value={name} required maxLength={120} onChange={(event) => setName(event.target.value)} />
        )}
      </Field>
      <RightsFields value={rights} change={setRights} />
      {save.error && (
        <Notice kind="danger" live>
          {save.error.message}
        </Notice>
      )}
      <Button tone="primary" type="submit" pending={save.isPending} className="justify-self-end">
        Save
      </Button>
    </form>
  );
}
