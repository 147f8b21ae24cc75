"use client";

import { useQuery } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, CircleMinus, Clock, type LucideIcon, Send } from "lucide-react";
import type { Route } from "next";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { PagedTable } from "@/components/feedback/paged-table";
import { useAction } from "@/components/feedback/use-action";
import { May } from "@/components/shell/may";
import { useMay } from "@/components/shell/me";
import { Badge, type Tone } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import type { Column } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Select } from "@/components/ui/field";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { type Delivery, DeliveryState } from "@/lib/engine/deliveries/schemas";
import { channelsQuery, deliveriesQuery } from "./channel-queries";

const STATES: Readonly<Record<DeliveryState, { label: string; tone: Tone; icon: LucideIcon }>> = {
  waiting: { label: "Waits", tone: "warn", icon: Clock },
  sending: { label: "Is being sent", tone: "petrol", icon: Send },
  delivered: { label: "Arrived", tone: "ok", icon: CircleCheck },
  failed: { label: "Given up", tone: "danger", icon: CircleAlert },
  skipped: { label: "Not needed", tone: "neutral", icon: CircleMinus },
};

const COLUMNS: readonly Column<Delivery>[] = [
  {
    id: "what",
    header: "Message",
    cell: (delivery) => (
      <span className="grid min-w-0 gap-0.5">
        <span className="wrap-anywhere font-medium">{delivery.title}</span>
        <span className="text-muted text-xs">{eventOf(delivery)}</span>
      </span>
    ),
  },
  {
    id: "to",
    header: "To",
    cell: (delivery) => (
      <span className="grid min-w-0 gap-0.5">
        <span>{delivery.channelName ?? (delivery.kind === "email" ? "E-mail" : "a removed channel")}</span>
        <span className="wrap-anywhere text-muted text-xs">{delivery.targets.join(", ")}</span>
      </span>
    ),
  },
  {
    id: "state",
    header: "State",
    cell: ({ state }) => (
      <Badge tone={STATES[state].tone} icon={STATES[state].icon}>
        {STATES[state].label}
      </Badge>
    ),
  },
  { id: "attempts", header: "Attempts", cell: (delivery) => <Attempts delivery={delivery} /> },
  {
    id: "words",
    header: "What was said",
    wide: true,
    cell: ({ words }) => <span className="wrap-anywhere">{words || "–"}</span>,
  },
  { id: "made", header: "Made", cell: ({ createdAt }) => <RelativeTime at={createdAt} /> },
  { id: "actions", header: "Actions", align: "right", plain: true, cell: (delivery) => <Retry delivery={delivery} /> },
];

/** What was sent, waits, or was given up, with what receivers said. */
export function DeliveriesPanel() {
  const asked = useSearchParams();
  const state = DeliveryState.safeParse(asked.get("state")).data;
  const channelId = asked.get("channel") ?? undefined;
  return (
    <Panel flush title="Deliveries" note="kept for a quarter" actions={<Filters state={state} channelId={channelId} />}>
      <PagedTable
        options={deliveriesQuery({ state, channelId })}
        what="the deliveries"
        label="Deliveries"
        columns={COLUMNS}
        rowKey={({ id }) => id}
        empty={
          <EmptyState icon={Send} title={state || channelId ? "No message of this kind" : "Nothing was sent yet"}>
            Here stands every message that went to a channel, with its attempts and what its receiver said.
          </EmptyState>
        }
      />
    </Panel>
  );
}

function eventOf({ purpose, event }: Delivery): string {
  if (purpose === "alert") return event === "cleared" ? "alert, over" : "alert, raised";
  return purpose === event ? purpose : `${purpose}, ${event}`;
}

function Attempts({ delivery }: { delivery: Delivery }) {
  const { attempts, state, nextAttemptAt, deliveredAt } = delivery;
  return (
    <span className="grid gap-0.5">
      <span>{attempts}</span>
      {state === "waiting" && nextAttemptAt && (
        <span className="text-muted text-xs">
          next <RelativeTime at={nextAttemptAt} />
        </span>
      )}
      {deliveredAt && (
        <span className="text-muted text-xs">
          arrived <RelativeTime at={deliveredAt} />
        </span>
      )}
    </span>
  );
}

function Retry({ delivery }: { delivery: Delivery }) {
  const retry = useAction({
    run: () => callAdmin(adminContract.retryDelivery, { id: delivery.id }),
    touches: [["deliveries"]],
    done: () => "It is tried again now",
  });
  const isOpen = delivery.state === "failed" || (delivery.state === "waiting" && delivery.attempts > 0);
  if (!isOpen || delivery.purpose === "test") return null;
  return (
    <May call="retryDelivery">
      <Button
        size="sm"
        pending={retry.isPending}
        onClick={() => retry.mutate(undefined)}
        aria-label={`Try again: ${delivery.title}`}
      >
        Try again
      </Button>
    </May>
  );
}

function Filters({ state, channelId }: { state: DeliveryState | undefined; channelId: string | undefined }) {
  const router = useRouter();
  const pathname = usePathname() as Route;
  const asked = useSearchParams();
  const may = useMay();
  const { data } = useQuery({ ...channelsQuery(), enabled: may(adminContract.listChannels) });
  const choose = (name: string, value: string) => {
    const next = new URLSearchParams(asked);
    if (value) next.set(name, value);
    else next.delete(name);
    router.replace(`${pathname}?${next}` as Route);
  };
  return (
    <>
      <Select
        aria-label="State"
        className="h-8 w-36 text-xs"
        value={state ?? ""}
        onChange={(event) => choose("state", event.target.value)}
      >
        <option value="">Any state</option>
        {DeliveryState.options.map((option) => (
          <option key={option} value={option}>
            {STATES[option].label}
          </option>
        ))}
      </Select>
      {data && data.items.length > 0 && (
        <Select
          aria-label="Channel"
          className="h-8 w-36 text-xs"
          value={channelId ?? ""}
          onChange={(event) => choose("channel", event.target.value)}
        >
          <option value="">Any channel</option>
          {data.items.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
      )}
    </>
  );
}
