"use client";

import type { FormEvent } from "react";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { CodeLine } from "@/components/ui/copy";
import { Field, Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { SecondFactorKey } from "@/lib/engine/accounts/schemas";
import { QrCode } from "./qr-code";
import { RecoveryCodeList } from "./recovery-codes";

/** The three steps: the password, the key into the authenticator and a code of it, the recovery codes. */
export function SetUpSecondFactor({ onDone }: { onDone: () => void }) {
  const begin = useAction({
    run: (password: string) => callAdmin(adminContract.beginSecondFactor, { password }),
    touches: [],
    quiet: true,
  });
  const confirm = useAction({
    run: (code: string) => callAdmin(adminContract.confirmSecondFactor, { code }),
    touches: [],
    quiet: true,
  });
  if (confirm.data) return <RecoveryCodeList codes={confirm.data.codes} onDone={onDone} />;
  if (begin.data)
    return (
      <KeyStep
        secret={begin.data}
        pending={confirm.isPending}
        refusal={confirm.error?.message}
        confirm={(code) => confirm.mutate(code)}
      />
    );
  return (
    <form onSubmit={(event) => begin.mutate(readField(event, "password"))} className="grid gap-4">
      <Field label="Your password" hint="So that nobody sets this up at a page that you left open.">
        {(control) => (
          <Input {...control} name="password" type="password" autoComplete="current-password" required autoFocus />
        )}
      </Field>
      <Refusal text={begin.error?.message} />
      <Button tone="primary" type="submit" pending={begin.isPending} className="justify-self-end">
        Continue
      </Button>
    </form>
  );
}

interface KeyStepProps {
  secret: SecondFactorKey;
  pending: boolean;
  refusal: string | undefined;
  confirm: (code: string) => void;
}

function KeyStep({ secret, pending, refusal, confirm }: KeyStepProps) {
  return (
    <form onSubmit={(event) => confirm(readField(event, "code"))} className="grid gap-4">
      <p className="text-sm">
        Scan this with an authenticator on your phone, or type the key into it. Then give the code that it shows.
      </p>
      <QrCode text={secret.uri} label="QR code with the key for your authenticator" />
      <CodeLine label="the key">{secret.key.replace(/(.{4})(?=.)/g, "$1 ")}</CodeLine>
      <CodeField label="Code" />
      <Refusal text={refusal} />
      <Button tone="primary" type="submit" pending={pending} className="justify-self-end">
        Switch on
      </Button>
    </form>
  );
}

/** Six digits of an authenticator, with the keyboard for them on a phone. */
export const CodeField = ({ label }: { label: string }) => (
  <Field label={label} hint="Six digits; a new code every half minute.">
    {(control) => (
      <Input
        {...control}
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={40}
        className="font-mono"
        required
        autoFocus
      />
    )}
  </Field>
);

export const Refusal = ({ text }: { text: string | undefined }) =>
  text ? (
    <Notice kind="danger" live>
      {text}
    </Notice>
  ) : null;

export function readField(event: FormEvent<HTMLFormElement>, name: string): string {
  event.preventDefault();
  return String(new FormData(event.currentTarget).get(name) ?? "");
}
