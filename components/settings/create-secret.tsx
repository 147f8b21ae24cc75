"use client";

import { type FormEvent, type ReactNode, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { CreateApiTokenInput } from "@/lib/engine/accounts/schemas";
import { ScopeChoice, type ScopePick, scopesOf } from "./scope-choice";

const LIVES = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "A year" },
  { value: "", label: "Never expires" },
] as const;

interface CreateSecretProps<O> {
  /** What is made: "API token". */
  what: string;
  /** Who might use it, as an example of a name. */
  example: string;
  days: (typeof LIVES)[number]["value"];
  run: (input: CreateApiTokenInput) => Promise<O>;
  touches: readonly (readonly unknown[])[];
  /** What is shown this once. */
  children: (made: O) => ReactNode;
  onClose: () => void;
}

/** Makes a secret of one's own account and shows it: once, here, and never again. */
export function CreateSecret<O extends { name: string }>(props: CreateSecretProps<O>) {
  const { what, run, touches, children, onClose } = props;
  const create = useAction({ run, touches, onWaiting: onClose, quiet: true });
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={`New ${what}`}>
      {create.data ? (
        <div className="grid gap-4">
          <Notice kind="ok" live title={`${create.data.name} is made`}>
            Copy it now: it is shown this once only. Nobody can show it again.
          </Notice>
          {children(create.data)}
          <Button tone="primary" className="justify-self-end" onClick={onClose}>
            Done
          </Button>
        </div>
      ) : (
        <SecretForm {...props} pending={create.isPending} refusal={create.error?.message} make={create.mutate} />
      )}
    </Dialog>
  );
}

interface SecretFormProps {
  what: string;
  example: string;
  days: string;
  pending: boolean;
  refusal: string | undefined;
  make: (input: CreateApiTokenInput) => void;
}

function SecretForm({ what, example, days, pending, refusal, make }: SecretFormProps) {
  const [wrong, setWrong] = useState<string>();
  const [scopes, setScopes] = useState<ScopePick>({ kind: "all", areas: {}, isProtected: false });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(event.currentTarget));
    const expiresInDays = form.life === "" ? null : Number(form.life);
    const input = CreateApiTokenInput.safeParse({ name: form.name, expiresInDays, scopes: scopesOf(scopes) });
    const isScope = input.error?.issues.some(({ path }) => path[0] === "scopes");
    setWrong(
      input.success
        ? undefined
        : isScope
          ? "Choose at least one thing that it may be used for."
          : "Give it a name, so that you know later what uses it.",
    );
    if (input.success) make(input.data);
  };
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <Field label="Name" error={wrong}>
        {(control) => <Input {...control} name="name" autoComplete="off" placeholder={example} />}
      </Field>
      <Field label="Expires after">
        {(control) => (
          <Select {...control} name="life" defaultValue={days}>
            {LIVES.map((life) => (
              <option key={life.value} value={life.value}>
                {life.label}
              </option>
            ))}
          </Select>
        )}
      </Field>
      <ScopeChoice value={scopes} onChange={setScopes} />
      {refusal && (
        <Notice kind="danger" live>
          {refusal}
        </Notice>
      )}
      <Button tone="primary" type="submit" pending={pending} className="justify-self-end">
        Make the {what}
      </Button>
    </form>
  );
}
