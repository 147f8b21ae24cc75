"use client";

import { useQuery } from "@tanstack/react-query";
import { Mail, Megaphone, Plus, Webhook } from "lucide-react";
import { useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { EmptyState } from "@/components/ui/empty-state";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { Channel, MadeChannel } from "@/lib/engine/channels/schemas";
import { ChannelForm } from "./channel-form";
import { channelsQuery, mailSettingsQuery } from "./channel-queries";
import { ChannelSecret } from "./channel-secret";

const TOUCHES = [["channels"], ["alert-rules"], ["deliveries"]] as const;

type Doing =
  | { what: "make" }
  | { what: "edit" | "remove" | "renew"; channel: Channel }
  | { what: "secret"; made: MadeChannel };

/** Where alerts go beside this page. */
export function ChannelsPanel() {
  const query = useQuery(channelsQuery());
  const mail = useQuery(mailSettingsQuery());
  const [doing, setDoing] = useState<Doing | null>(null);
  const close = () => setDoing(null);
  const made = (channel: MadeChannel) => setDoing(channel.secret ? { what: "secret", made: channel } : null);
  const needsMail = mail.data?.isSetUp === false && query.data?.items.some(({ kind }) => kind === "email");
  return (
    <Panel
      flush
      title="Channels"
      note="where alerts go beside this page"
      actions={
        <Button size="sm" onClick={() => setDoing({ what: "make" })}>
          <Plus aria-hidden />
          New channel
        </Button>
      }
    >
      {needsMail && (
        <Notice kind="warn" title="This core has no mail server yet" className="m-3.5">
          Nothing goes out by e-mail until it is set up on the settings page.
        </Notice>
      )}
      <QueryView query={query} what="the channels">
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState icon={Megaphone} title="Alerts are told on this page only">
              A channel tells people by e-mail, or a program by webhook. The first one gets a rule by itself: warnings
              and worse.
            </EmptyState>
          ) : (
            <ul>
              {items.map((channel) => (
                <ChannelItem key={channel.id} channel={channel} onDo={setDoing} />
              ))}
            </ul>
          )
        }
      </QueryView>
      {doing?.what === "make" && <ChannelForm onClose={close} onMade={made} />}
      {doing?.what === "edit" && <ChannelForm channel={doing.channel} onClose={close} onMade={close} />}
      {doing?.what === "remove" && <Remove channel={doing.channel} onClose={close} />}
      {doing?.what === "renew" && <Renew channel={doing.channel} onClose={close} onMade={made} />}
      {doing?.what === "secret" && <ChannelSecret made={doing.made} onClose={close} />}
    </Panel>
  );
}

function ChannelItem({ channel, onDo }: { channel: Channel; onDo: (doing: Doing) => void }) {
  const Icon = channel.kind === "email" ? Mail : Webhook;
  return (
    <li className="grid gap-x-4 gap-y-2.5 border-b px-3.5 py-3 last:border-b-0 @2xl:grid-cols-[minmax(0,1fr)_auto]">
      <div className="grid min-w-0 content-start gap-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <Icon className="size-4 text-muted" aria-hidden />
          <span className="min-w-0 break-words font-medium text-sm">{channel.name}</span>
          <ChannelState channel={channel} />
        </p>
        <p className="wrap-anywhere text-muted text-sm">{channel.targets.join(", ")}</p>
        <p className="text-muted text-xs">
          {channel.lastDeliveredAt ? (
            <>
              last arrived <RelativeTime at={channel.lastDeliveredAt} />
            </>
          ) : (
            "nothing has arrived yet"
          )}
        </p>
        {channel.lastError && (
          <p className="break-words text-sm">
            {channel.failingSince && (
              <>
                Nothing arrives since <RelativeTime at={channel.failingSince} />:{" "}
              </>
            )}
            {channel.lastError}
          </p>
        )}
        <Test channel={channel} />
      </div>
      <div className="flex flex-wrap content-start items-start gap-2">
        <Switch channel={channel} />
        <Button size="sm" onClick={() => onDo({ what: "edit", channel })}>
          Edit
        </Button>
        {channel.kind === "webhook" && (
          <Button size="sm" onClick={() => onDo({ what: "renew", channel })}>
            New secret
          </Button>
        )}
        <Button size="sm" tone="danger-quiet" onClick={() => onDo({ what: "remove", channel })}>
          Remove
        </Button>
      </div>
    </li>
  );
}

function ChannelState({ channel }: { channel: Channel }) {
  if (channel.goneAt) return <Badge tone="danger">Switched off: its receiver is gone</Badge>;
  if (!channel.enabled) return <Badge>Switched off</Badge>;
  if (channel.failingSince) return <Badge tone="warn">Nothing arrives</Badge>;
  return channel.lastDeliveredAt ? <Badge tone="ok">Arrives</Badge> : <Badge tone="petrol">Not tried yet</Badge>;
}

function Switch({ channel }: { channel: Channel }) {
  const change = useAction({
    run: () => callAdmin(adminContract.updateChannel, { id: channel.id, enabled: !channel.enabled }),
    touches: TOUCHES,
    done: (after) => `${after.name} is switched ${after.enabled ? "on" : "off"}`,
  });
  return (
    <Button size="sm" pending={change.isPending} onClick={() => change.mutate(undefined)}>
      {channel.enabled ? "Switch off" : "Switch on"}
    </Button>
  );
}

/** What really came of it stands beside the button until the page is left. */
function Test({ channel }: { channel: Channel }) {
  const test = useAction({
    run: () => callAdmin(adminContract.testChannel, { id: channel.id }),
    touches: TOUCHES,
    quiet: true,
  });
  const outcome = test.error ? { ok: false, words: test.error.message } : test.data;
  return (
    <div className="mt-1 grid gap-2">
      <Button
        size="sm"
        tone="primary"
        className="justify-self-start"
        pending={test.isPending}
        onClick={() => test.mutate(undefined)}
        aria-label={`Send a test by ${channel.name}`}
      >
        Send a test
      </Button>
      {outcome && !test.isPending && (
        <Notice kind={outcome.ok ? "ok" : "danger"} live title={outcome.ok ? "It arrived" : "It did not arrive"}>
          {outcome.words}
        </Notice>
      )}
    </div>
  );
}

interface AskProps {
  channel: Channel;
  onClose: () => void;
}

function Remove({ channel, onClose }: AskProps) {
  const remove = useAction({
    run: () => callAdmin(adminContract.deleteChannel, { id: channel.id }),
    touches: TOUCHES,
    done: () => `${channel.name} is removed`,
    onDone: onClose,
  });
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Remove ${channel.name}`}
      action="Remove"
      pending={remove.isPending}
      onConfirm={() => remove.mutate(undefined)}
    >
      <p>Its rules go with it, and what waits for it is not sent. What was sent stays in the log.</p>
    </Confirm>
  );
}

function Renew({ channel, onClose, onMade }: AskProps & { onMade: (made: MadeChannel) => void }) {
  const renew = useAction({
    run: () => callAdmin(adminContract.renewChannelSecret, { id: channel.id }),
    touches: TOUCHES,
    onDone: onMade,
  });
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={`New secret for ${channel.name}`}
      action="Make a new secret"
      pending={renew.isPending}
      onConfirm={() => renew.mutate(undefined)}
    >
      <p>
        Messages are signed with both secrets for a day, so that the receiver may change in that time. After it the old
        one is worth nothing.
      </p>
    </Confirm>
  );
}
