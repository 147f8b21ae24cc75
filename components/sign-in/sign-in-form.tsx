"use client";

import { signIn } from "next-auth/react";
import { type FormEvent, useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { formatDuration } from "@/lib/format";
import { type Refusal, safeNext, toRefusal } from "./refusal";
import { CodeStep, PasswordStep } from "./steps";

interface Credentials {
  email: string;
  password: string;
}

interface SignInFormProps {
  next?: string;
  /** What stands on the button of the identity provider; null: none is configured. */
  providerName: string | null;
  /** What the page has to say before anything is typed. */
  notice: string | null;
}

/** Password, then a code where the account has a second factor; both are sent together. */
export function SignInForm({ next, providerName, notice }: SignInFormProps) {
  const [pending, setPending] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [known, setKnown] = useState<Credentials | null>(null);
  const waitSeconds = useCountdown(refusal);
  const send = async (credentials: Credentials, code?: string) => {
    setPending(true);
    setRefusal(null);
    const refused = await trySignIn(credentials, code);
    // A whole page load: nothing of an earlier sign-in may stay in memory.
    if (!refused) return location.assign(safeNext(next));
    setPending(false);
    if (refused.detail === "second-factor-needed") return setKnown(credentials);
    setRefusal(refused);
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    if (known) void send(known, text("code"));
    else void send({ email: text("email"), password: text("password") });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      {notice && !refusal && !known && <Notice kind="warn">{notice}</Notice>}
      {known ? <CodeStep email={known.email} /> : <PasswordStep />}
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
      {known && (
        <Button tone="ghost" onClick={() => location.reload()}>
          Another account
        </Button>
      )}
      {providerName && !known && (
        <Button size="lg" onClick={() => void signIn("sso", { callbackUrl: safeNext(next) })}>
          {providerName}
        </Button>
      )}
    </form>
  );
}

/** null: signed in. */
async function trySignIn(credentials: Credentials, code: string | undefined): Promise<Refusal | null> {
  const given = code === undefined ? credentials : { ...credentials, code };
  const answer = await signIn("credentials", { ...given, redirect: false }).catch(() => undefined);
  if (answer?.ok) return null;
  if (answer) return toRefusal(answer.error);
  return { code: "unavailable", message: "This core does not answer. Is it still running?", retryAfterSeconds: null };
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
