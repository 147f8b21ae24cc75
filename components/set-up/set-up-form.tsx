"use client";

import { useMutation } from "@tanstack/react-query";
import { signIn } from "next-auth/react";
import { type FormEvent, useState, useSyncExternalStore } from "react";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { SetUpInput } from "@/lib/engine/accounts/schemas";

type Wrong = Partial<Record<keyof SetUpInput | "again", string>>;

/** The first administrator. The token stands behind the # of the link, which browsers never send. */
export function SetUpForm() {
  const token = useSyncExternalStore(onHash, readToken, () => null);
  const [wrong, setWrong] = useState<Wrong>({});
  const setUp = useMutation({
    mutationFn: async (input: SetUpInput) => {
      await callAdmin(adminContract.setUp, input);
      const answer = await signIn("credentials", { email: input.email, password: input.password, redirect: false });
      // Replaced, so that the used link does not stay in the history.
      location.replace(answer?.ok ? "/" : "/sign-in");
    },
  });
  if (token === "") return <MissingToken />;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const input = SetUpInput.safeParse({ ...Object.fromEntries(form), token });
    const found: Wrong = {};
    if (!input.success)
      for (const issue of input.error.issues) found[issue.path[0] as keyof SetUpInput] ??= issue.message;
    if (form.get("password") !== form.get("again")) found.again = "The two passwords differ.";
    setWrong(found);
    if (input.success && !found.again) setUp.mutate(input.data);
  };
  return (
    <form onSubmit={submit} className="grid gap-4" noValidate>
      <Field label="Your name" error={wrong.name}>
        {(control) => <Input {...control} name="name" autoComplete="name" autoFocus />}
      </Field>
      <Field label="E-mail address" error={wrong.email}>
        {(control) => <Input {...control} name="email" type="email" autoComplete="username" />}
      </Field>
      <Field
        label="Password"
        hint="At least 12 characters; a few words are easy to keep. Nothing else is asked of it."
        error={wrong.password}
      >
        {(control) => <Input {...control} name="password" type="password" autoComplete="new-password" />}
      </Field>
      <Field label="The same password again" error={wrong.again}>
        {(control) => <Input {...control} name="again" type="password" autoComplete="new-password" />}
      </Field>
      {(setUp.error || wrong.token) && (
        <Notice kind="danger" live>
          {setUp.error?.message ?? "The token in the link is not whole. Copy the whole link."}
        </Notice>
      )}
      <Button tone="primary" size="lg" type="submit" pending={setUp.isPending}>
        Create the administrator
      </Button>
    </form>
  );
}

function MissingToken() {
  return (
    <Notice kind="warn" title="Open the link that the core printed">
      When a core starts for the first time it prints a one-time link to this page, with a token behind a #. Open that
      whole link. If it is lost or has expired, start the core again: it prints a new one as long as there is no
      administrator.
    </Notice>
  );
}

/** "#token=…" and "#…" both carry it. */
const readToken = () => location.hash.replace(/^#(token=)?/, "");

function onHash(listener: () => void) {
  addEventListener("hashchange", listener);
  return () => removeEventListener("hashchange", listener);
}
