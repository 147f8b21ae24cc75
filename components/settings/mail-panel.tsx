"use client";

import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { mailSettingsQuery } from "@/components/alerts/channel-queries";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { useMay, useMe } from "@/components/shell/me";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Field, Input, Select, Textarea } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { EmailAddress, type MailSecurity, type MailSettings, SetMailSettingsInput } from "@/lib/engine/mail/schemas";

/** How this core sends mail: alerts and statements. */
export function MailPanel() {
  const may = useMay();
  return may(adminContract.getMailSettings) ? <Panelled /> : null;
}

function Panelled() {
  const query = useQuery(mailSettingsQuery());
  return (
    <Panel title="Mail" note="for alerts and statements" actions={query.data && <State settings={query.data} />}>
      <QueryView query={query} what="the mail settings">
        {(settings) => (
          <div className="grid gap-5">
            <MailForm key={JSON.stringify({ ...settings, verifiedAt: null })} settings={settings} />
            {settings.isSetUp && <TestMail />}
          </div>
        )}
      </QueryView>
    </Panel>
  );
}

function State({ settings }: { settings: MailSettings }) {
  if (!settings.isSetUp) return <Badge>Not set up</Badge>;
  return settings.verifiedAt ? <Badge tone="ok">Works</Badge> : <Badge tone="warn">Not tried yet</Badge>;
}

const SECURITIES: readonly { value: MailSecurity; label: string; port: number }[] = [
  { value: "starttls", label: "STARTTLS (587)", port: 587 },
  { value: "tls", label: "TLS from the first byte (465)", port: 465 },
  { value: "none", label: "None: in clear (25)", port: 25 },
];

function MailForm({ settings }: { settings: MailSettings }) {
  const [security, setSecurity] = useState(settings.security);
  const [wrong, setWrong] = useState<Readonly<Record<string, string>>>({});
  const save = useAction({
    run: (input: SetMailSettingsInput) => callAdmin(adminContract.setMailSettings, input),
    touches: [["settings"]],
    done: () => "The mail settings are saved. Send a test to see that they work",
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { password, ...form } = Object.fromEntries(new FormData(event.currentTarget));
    // An empty field leaves the password as it is: nobody can be shown it.
    const input = SetMailSettingsInput.safeParse({ ...form, ...(password ? { password } : {}) });
    setWrong(
      input.success
        ? {}
        : Object.fromEntries(input.error.issues.map(({ path, message }) => [String(path[0]), message]).reverse()),
    );
    if (input.success) save.mutate(input.data);
  };
  return (
    <form onSubmit={submit} noValidate className="grid gap-4">
      <div className="grid gap-4 @md:grid-cols-2 @3xl:grid-cols-4">
        <Field label="Server" error={wrong.host} className="@3xl:col-span-2">
          {(control) => (
            <Input
              {...control}
              name="host"
              defaultValue={settings.host}
              placeholder="smtp.example.com"
              autoComplete="off"
            />
          )}
        </Field>
        <Field label="Encryption">
          {(control) => (
            <Select
              {...control}
              name="security"
              value={security}
              onChange={(event) => setSecurity(event.target.value as MailSecurity)}
            >
              {SECURITIES.map(({ value, label }) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Field>
        <Field label="Port" error={wrong.port}>
          {(control) => (
            <Input
              {...control}
              key={security}
              name="port"
              inputMode="numeric"
              defaultValue={
                security === settings.security
                  ? settings.port
                  : SECURITIES.find(({ value }) => value === security)?.port
              }
            />
          )}
        </Field>
        <Field label="User" hint="Empty: the server asks for none." error={wrong.user}>
          {(control) => <Input {...control} name="user" defaultValue={settings.user} autoComplete="off" />}
        </Field>
        <Field
          label="Password"
          hint={
            settings.hasPassword
              ? "One is kept. It stays if this is empty, unless server, user or encryption change."
              : "Kept sealed; nobody is shown it again."
          }
          error={wrong.password}
        >
          {(control) => <Input {...control} name="password" type="password" autoComplete="new-password" />}
        </Field>
        <Field label="Sender" error={wrong.from}>
          {(control) => (
            <Input
              {...control}
              name="from"
              type="email"
              defaultValue={settings.from}
              placeholder="backup@example.com"
            />
          )}
        </Field>
        <Field label="Sender's name" error={wrong.fromName}>
          {(control) => <Input {...control} name="fromName" defaultValue={settings.fromName} autoComplete="off" />}
        </Field>
      </div>
      <AuthorityField value={settings.authorityPem} error={wrong.authorityPem} />
      {security === "none" && (
        <Notice kind="warn">Everything, also user and password, crosses the network for everybody to read.</Notice>
      )}
      {save.error && (
        <Notice kind="danger" live>
          {save.error.message}
        </Notice>
      )}
      <Button type="submit" tone="primary" pending={save.isPending} className="justify-self-start">
        Save
      </Button>
    </form>
  );
}

function AuthorityField({ value, error }: { value: string; error: string | undefined }) {
  return (
    <details open={value !== "" || error !== undefined}>
      <summary className="cursor-pointer text-sm">The server has a certificate of an authority of your own</summary>
      <Field label="Certificate authority (PEM)" error={error} className="mt-2">
        {(control) => (
          <Textarea
            {...control}
            name="authorityPem"
            defaultValue={value}
            className="font-mono text-xs"
            spellCheck={false}
            placeholder="-----BEGIN CERTIFICATE-----"
          />
        )}
      </Field>
    </details>
  );
}

function TestMail() {
  const { email } = useMe();
  const [wrong, setWrong] = useState<string>();
  const test = useAction({
    run: (to: string) => callAdmin(adminContract.sendTestMail, { to }),
    touches: [["settings"]],
    quiet: true,
  });
  const outcome = test.error ? { ok: false, words: test.error.message } : test.data;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const to = EmailAddress.safeParse(new FormData(event.currentTarget).get("to"));
    setWrong(to.success ? undefined : to.error.issues[0]?.message);
    if (to.success) test.mutate(to.data);
  };
  return (
    <form onSubmit={submit} noValidate className="grid gap-3 border-t pt-4">
      <div className="flex flex-wrap items-end gap-2">
        <Field label="Send a test to" error={wrong} className="flex-1 basis-56 @lg:max-w-sm">
          {(control) => <Input {...control} name="to" type="email" defaultValue={email} />}
        </Field>
        <Button type="submit" pending={test.isPending}>
          Send a test
        </Button>
      </div>
      {outcome && !test.isPending && (
        <Notice
          kind={outcome.ok ? "ok" : "danger"}
          live
          title={outcome.ok ? "The mail went out" : "The mail did not go out"}
        >
          {outcome.words}
        </Notice>
      )}
    </form>
  );
}
