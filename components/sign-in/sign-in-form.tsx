"use client";

import { signIn } from "next-auth/react";
import { type FormEvent, useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { formatDuration } from "@/lib/format";
import { type Refusal, safeNext, toRefusal } from "./refusal";

export function SignInForm({ next }: { next?: string }) {
  const [pending, setPending] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const waitSeconds = useCountdown(refusal);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setPending(true);
    setRefusal(null);
    const answer = await signIn("credentials", {
      email: form.get("email"),
      password: form.get("password"),
      redirect: false,
    }).catch(() => undefined);
    if (answer?.ok) {
      // A whole page load: nothing of an earlier sign-in may stay in memory.
      location.assign(safeNext(next));
      return;
    }
    setPending(false);
    setRefusal(
      answer
        ? toRefusal(answer.error)
        : { code: "unavailable", message: "This core does not answer. Is it still running?", retryAfterSeconds: null },
    );
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field label="E-mail address">
        {(control) => <Input {...control} name="email" type="email" autoComplete="username" required autoFocus />}
      </Field>
      <Field label="Password">
        {(control) => <Input {...control} name="password" type="password" autoComplete="current-password" required />}
      </Field>
      {refusal && (
        <Notice kind={refusal.code === "too_many_requests" ? "warn" : "danger"} live>
          {refusal.message}
          {waitSeconds > 0 && (
            <span className="mt-0.5 block font-medium">{`Try again in ${formatDuration(waitSeconds)}.`}</span>
          )}
        </Notice>
      )}
      <Button tone="primary" size="lg" type="submit" pending={pending}>
        Sign in
      </Button>
    </form>
  );
}

/** Seconds until the core listens again. */
function useCountdown(refusal: Refusal | null): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const untilMs = Date.now() + (refusal?.retryAfterSeconds ?? 0) * 1000;
    const tick = () => setSeconds(Math.max(0, Math.ceil((untilMs - Date.now()) / 1000)));
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [refusal]);
  return seconds;
}
