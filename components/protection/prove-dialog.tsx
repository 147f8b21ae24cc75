"use client";

import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useCallback, useEffect, useRef, useState } from "react";
import { QueryError } from "@/components/feedback/query-error";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { SkeletonRows } from "@/components/ui/skeleton";
import { ApiError, callAdmin, setAskForProof } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { Proof } from "@/lib/engine/protection/schemas";
import { proofQuery } from "./queries";

type Way = Proof["ways"][number];

/** Stands in every page: whatever the core wants a proof for, it is asked for here, and the call is done again. */
export function ProveDialog() {
  const [open, setOpen] = useState(false);
  const waiting = useRef<((proven: boolean) => void)[]>([]);
  const settle = useCallback((proven: boolean) => {
    setOpen(false);
    for (const resolve of waiting.current.splice(0)) resolve(proven);
  }, []);
  useEffect(() => {
    // Several calls at once ask the person once.
    setAskForProof(() => {
      setOpen(true);
      return new Promise((resolve) => waiting.current.push(resolve));
    });
    return () => setAskForProof(null);
  }, []);
  if (!open) return null;
  return (
    <Dialog
      open
      onOpenChange={(next) => !next && settle(false)}
      title="Is it you?"
      description="This is a protected action. Prove once more that it is you; it counts for a few minutes."
    >
      <ProveForm onProven={() => settle(true)} />
    </Dialog>
  );
}

function ProveForm({ onProven }: { onProven: () => void }) {
  const proof = useQuery(proofQuery());
  const [chosen, setChosen] = useState<Way | null>(null);
  if (proof.error) return <QueryError error={proof.error} what="how you can prove it" />;
  if (!proof.data) return <SkeletonRows label="how you can prove it" />;
  const way = chosen ?? proof.data.ways[0];
  if (!way)
    return (
      <Notice kind="info" title="Sign in again">
        Your account has neither a password nor a second factor on this core. Sign out, and sign in again at your
        identity provider: that is the proof. Then repeat what you wanted to do.
      </Notice>
    );
  const other = proof.data.ways.find((one) => one !== way);
  return (
    <WayForm key={way} way={way} onProven={onProven}>
      {other && (
        <Button type="button" onClick={() => setChosen(other)}>
          {other === "code" ? "Use a code instead" : "Use the password instead"}
        </Button>
      )}
    </WayForm>
  );
}

const LABELS: Readonly<Record<Way, string>> = { password: "Password", code: "Code of your second factor" };

function WayForm({ way, onProven, children }: { way: Way; onProven: () => void; children: React.ReactNode }) {
  const [error, setError] = useState<string>();
  const [pending, setPending] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // Not to the form that opened this one.
    event.stopPropagation();
    const value = input.current?.value ?? "";
    if (value === "") return setError(way === "code" ? "Type the code." : "Type your password.");
    setPending(true);
    try {
      await callAdmin(adminContract.prove, way === "code" ? { code: value } : { password: value });
      onProven();
    } catch (thrown) {
      setError(thrown instanceof ApiError ? thrown.message : "That did not work. Try again.");
      input.current?.select();
    } finally {
      setPending(false);
    }
  };
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <Field label={LABELS[way]} error={error} hint={way === "code" ? "Or one of your recovery codes." : undefined}>
        {(control) => (
          <Input
            {...control}
            ref={input}
            type={way === "code" ? "text" : "password"}
            inputMode={way === "code" ? "numeric" : undefined}
            autoComplete={way === "code" ? "one-time-code" : "current-password"}
          />
        )}
      </Field>
      <div className="flex flex-wrap justify-end gap-2">
        {children}
        <Button tone="primary" type="submit" pending={pending}>
          It is me
        </Button>
      </div>
    </form>
  );
}
