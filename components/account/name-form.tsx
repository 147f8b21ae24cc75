"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { ROLE_WORDS } from "@/components/people/words";
import { useMe } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { Facts } from "@/components/ui/facts";
import { Field, Input } from "@/components/ui/field";
import { Panel } from "@/components/ui/panel";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";

/** Who one is here. */
export function NamePanel() {
  const me = useMe();
  const router = useRouter();
  const [name, setName] = useState(me.name);
  const save = useAction({
    run: () => callAdmin(adminContract.updateMe, { name }),
    touches: [["accounts"]],
    done: () => "Your name is saved",
    onDone: () => router.refresh(),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  return (
    <Panel title="You">
      <Facts
        items={[
          { label: "E-mail", value: me.email },
          { label: "Role", value: `${ROLE_WORDS[me.role].name}: ${ROLE_WORDS[me.role].may}` },
        ]}
      />
      <form onSubmit={submit} className="mt-4 flex flex-wrap items-end gap-2">
        <Field label="Name" className="flex-1 basis-48">
          {(control) => (
            <Input
              {...control}
              value={name}
              required
              maxLength={120}
              autoComplete="name"
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" pending={save.isPending}>
          Save
        </Button>
      </form>
    </Panel>
  );
}
