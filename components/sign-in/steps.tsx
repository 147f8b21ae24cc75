"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";

export const PasswordStep = () => (
  <>
    <Field label="E-mail address">
      {(control) => <Input {...control} name="email" type="email" autoComplete="username" required autoFocus />}
    </Field>
    <Field label="Password">
      {(control) => <Input {...control} name="password" type="password" autoComplete="current-password" required />}
    </Field>
  </>
);

/** The password was right; now the second factor, or what stands in for it. */
export function CodeStep({ email }: { email: string }) {
  const [isRecovery, setRecovery] = useState(false);
  return (
    <>
      <p className="wrap-anywhere text-muted text-sm">{email}</p>
      {isRecovery ? (
        <Field key="recovery" label="Recovery code" hint="One of the ten that you kept; it works once.">
          {(control) => (
            <Input
              {...control}
              name="code"
              autoComplete="off"
              className="font-mono"
              maxLength={40}
              required
              autoFocus
            />
          )}
        </Field>
      ) : (
        <Field key="code" label="Code" hint="The six digits that your authenticator shows now.">
          {(control) => (
            <Input
              {...control}
              name="code"
              inputMode="numeric"
              autoComplete="one-time-code"
              className="font-mono"
              maxLength={40}
              required
              autoFocus
            />
          )}
        </Field>
      )}
      <Button tone="ghost" size="sm" className="-ml-2.5 justify-self-start" onClick={() => setRecovery(!isRecovery)}>
        {isRecovery ? "Use a code of the authenticator" : "Use a recovery code"}
      </Button>
    </>
  );
}
