"use client";

import { useMutation, useQuery } from "@tanstack/react-query";
import { signIn } from "next-auth/react";
import { type FormEvent, useState, useSyncExternalStore } from "react";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { SkeletonRows } from "@/components/ui/skeleton";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { Password } from "@/lib/engine/accounts/schemas";

/** What an invitation and a reset lead to. The token stands behind the # of the link, which browsers never send. */
export function LinkForm() {
  const token = useSyncExternalStore(onHash, readToken, () => null);
  const link = useQuery({
    queryKey: ["link"],
    queryFn: ({ signal }) => callAdmin(adminContract.getPasswordLink, { token: token ?? "" }, signal),
    enabled: Boolean(token),
    retry: false,
  });
  if (token === "")
    return (
      <Notice kind="warn" title="Open the whole link">
        The link that you were given has a token behind a #. Copy all of it into the address bar.
      </Notice>
    );
  if (link.error)
    return (
      <Notice kind="danger" live>
        {link.error.message}
      </Notice>
    );
  if (!token || !link.data) return <SkeletonRows label="the link" />;
  return <PasswordForm token={token} email={link.data.email} name={link.data.name} />;
}

function PasswordForm({ token, email, name }: { token: string; email: string; name: string }) {
  const [wrong, setWrong] = useState<{ password?: string; again?: string }>({});
  const redeem = useMutation({
    mutationFn: async (password: string) => {
      await callAdmin(adminContract.redeemPasswordLink, { token, password });
      const answer = await signIn("credentials", { email, password, redirect: false });
      // Replaced, so that the used link does not stay in the history. Who has a second factor is asked for it there.
      location.replace(answer?.ok ? "/" : "/sign-in");
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const password = Password.safeParse(form.get("password"));
    const again = form.get("again") === form.get("password") ? undefined : "The two passwords differ.";
    setWrong({ password: password.error?.issues[0]?.message, again });
    if (password.success && !again) redeem.mutate(password.data);
  };
  return (
    <form onSubmit={submit} className="grid gap-4" noValidate>
      <p className="text-sm">
        {name}, this is the password of your account <strong className="wrap-anywhere">{email}</strong>.
      </p>
      {/* Password managers keep what is chosen under this name. */}
      <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
      <Field
        label="Password"
        hint="At least 12 characters; a few words are easy to keep. Nothing else is asked of it."
        error={wrong.password}
      >
        {(control) => <Input {...control} name="password" type="password" autoComplete="new-password" autoFocus />}
      </Field>
      <Field label="The same password again" error={wrong.again}>
        {(control) => <Input {...control} name="again" type="password" autoComplete="new-password" />}
      </Field>
      {redeem.error && (
        <Notice kind="danger" live>
          {redeem.error.message}
        </Notice>
      )}
      <Button tone="primary" size="lg" type="submit" pending={redeem.isPending}>
        Set the password and sign in
      </Button>
    </form>
  );
}

const readToken = () => location.hash.slice(1);

function onHash(listener: () => void) {
  addEventListener("hashchange", listener);
  return () => removeEventListener("hashchange", listener);
}
