"use client";

import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Checkbox, Field, Input, Select, Textarea } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import {
  type Channel,
  type ChannelKind,
  CreateChannelInput,
  type MadeChannel,
  UpdateChannelInput,
} from "@/lib/engine/channels/schemas";

interface ChannelFormProps {
  /** Absent: a new one. */
  channel?: Channel;
  onClose: () => void;
  onMade: (made: MadeChannel) => void;
}

/** Makes or changes a channel. */
export function ChannelForm({ channel, onClose, onMade }: ChannelFormProps) {
  const [kind, setKind] = useState<ChannelKind>(channel?.kind ?? "email");
  const [wrong, setWrong] = useState<Readonly<Record<string, string>>>({});
  const save = useAction({
    run: (form: FormData) => saveChannel(channel, kind, form),
    touches: [["channels"], ["alert-rules"]],
    done: ({ name }) => `${name} is saved`,
    onDone: onMade,
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const issues = issuesOf(channel, kind, form);
    setWrong(issues);
    if (Object.keys(issues).length === 0) save.mutate(form);
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={channel ? `Edit ${channel.name}` : "New channel"}>
      <form onSubmit={submit} noValidate className="grid gap-4">
        {!channel && (
          <Field label="By">
            {(control) => (
              <Select {...control} value={kind} onChange={(event) => setKind(event.target.value as ChannelKind)}>
                <option value="email">E-mail, for people</option>
                <option value="webhook">Webhook, for programs</option>
              </Select>
            )}
          </Field>
        )}
        <Field label="Name" error={wrong.name}>
          {(control) => (
            <Input
              {...control}
              name="name"
              defaultValue={channel?.name}
              autoComplete="off"
              placeholder={kind === "email" ? "On call" : "Pager"}
            />
          )}
        </Field>
        {kind === "email" ? (
          <Addresses channel={channel} error={wrong.addresses} />
        ) : (
          <Receiver channel={channel} wrong={wrong} />
        )}
        {save.error && (
          <Notice kind="danger" live>
            {save.error.message}
          </Notice>
        )}
        <Button tone="primary" type="submit" pending={save.isPending} className="justify-self-end">
          {channel ? "Save" : "Make the channel"}
        </Button>
      </form>
    </Dialog>
  );
}

const Addresses = ({ channel, error }: { channel: Channel | undefined; error: string | undefined }) => (
  <Field label="Addresses" hint="One in each line, 20 at most. They see each other." error={error}>
    {(control) => (
      <Textarea
        {...control}
        name="addresses"
        defaultValue={channel?.targets.join("\n")}
        placeholder="ada@example.com"
        spellCheck={false}
      />
    )}
  </Field>
);

function Receiver({ channel, wrong }: { channel: Channel | undefined; wrong: Readonly<Record<string, string>> }) {
  const [isInside, setInside] = useState(channel?.isInside ?? false);
  return (
    <>
      <Field
        label="Address of the receiver"
        error={wrong.url}
        hint="Messages are posted there, signed. Redirects are not followed."
      >
        {(control) => (
          <Input
            {...control}
            name="url"
            type="url"
            defaultValue={channel?.targets[0]}
            autoComplete="off"
            spellCheck={false}
            placeholder="https://hooks.example.com/twincore"
          />
        )}
      </Field>
      <Checkbox
        name="isInside"
        checked={isInside}
        onChange={(event) => setInside(event.target.checked)}
        label="The receiver is inside this network: allow private addresses and plain HTTP"
      />
      {isInside && (
        <Field
          label="Certificate authority"
          hint="PEM; only when its certificate is signed by an authority of your own."
          error={wrong.authorityPem}
        >
          {(control) => (
            <Textarea
              {...control}
              name="authorityPem"
              defaultValue={channel?.authorityPem}
              className="font-mono text-xs"
              spellCheck={false}
              placeholder="-----BEGIN CERTIFICATE-----"
            />
          )}
        </Field>
      )}
    </>
  );
}

function toInput(kind: ChannelKind, form: FormData) {
  const name = form.get("name");
  if (kind === "email") {
    const addresses = String(form.get("addresses") ?? "").split(/[\s,;]+/);
    return { kind, name, addresses: addresses.filter(Boolean) };
  }
  const isInside = form.get("isInside") !== null;
  return {
    kind,
    name,
    url: String(form.get("url") ?? "").trim(),
    isInside,
    authorityPem: form.get("authorityPem") ?? "",
  };
}

function issuesOf(channel: Channel | undefined, kind: ChannelKind, form: FormData): Record<string, string> {
  const input = toInput(kind, form);
  const read = channel
    ? UpdateChannelInput.safeParse({ ...input, id: channel.id })
    : CreateChannelInput.safeParse(input);
  if (read.success) return {};
  return Object.fromEntries(read.error.issues.map(({ path, message }) => [String(path[0]), message]).reverse());
}

async function saveChannel(channel: Channel | undefined, kind: ChannelKind, form: FormData): Promise<MadeChannel> {
  const input = toInput(kind, form);
  if (!channel) return callAdmin(adminContract.createChannel, CreateChannelInput.parse(input));
  const changed = await callAdmin(adminContract.updateChannel, UpdateChannelInput.parse({ ...input, id: channel.id }));
  return { ...changed, secret: null };
}
