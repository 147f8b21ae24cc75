"use client";

import { Send } from "lucide-react";
import { Pager } from "@/components/feedback/pager";
import { QueryError } from "@/components/feedback/query-error";
import { useAction } from "@/components/feedback/use-action";
import { usePaged } from "@/components/feedback/use-paged";
import { useMay, useMe } from "@/components/shell/me";
import { Badge, type Tone } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { SkeletonRows } from "@/components/ui/skeleton";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { Delivery, DeliveryState } from "@/lib/engine/deliveries/schemas";
import type { StatementDetail } from "@/lib/engine/statements/schemas";
import { formatNumberOf } from "@/lib/format";
import { deliveriesQuery } from "./queries";

const STATES: Readonly<Record<DeliveryState, { label: string; tone: Tone }>> = {
  waiting: { label: "waiting", tone: "neutral" },
  sending: { label: "being sent", tone: "petrol" },
  delivered: { label: "taken by the mail server", tone: "ok" },
  failed: { label: "given up", tone: "danger" },
  skipped: { label: "not needed", tone: "neutral" },
};

/** To whom the statement was mailed, and a way to do it again. About the whole core: who is bound to tenants does not see it. */
export function StatementDeliveries({ statement }: { statement: StatementDetail }) {
  const may = useMay();
  const { tenantIds } = useMe();
  if (tenantIds !== null || !may(adminContract.listStatementDeliveries)) return null;
  return <Deliveries statement={statement} />;
}

function Deliveries({ statement }: { statement: StatementDetail }) {
  const { query, rows, total } = usePaged(deliveriesQuery(statement.id));
  const send = useAction({
    run: () => callAdmin(adminContract.sendStatement, { id: statement.id }),
    touches: [["statements", "deliveries", statement.id]],
    done: ({ targets }) => `On its way to ${targets.join(", ")}`,
  });
  return (
    <Panel
      flush
      title="Mailed"
      actions={
        statement.state === "final" && (
          <Button size="sm" pending={send.isPending} onClick={() => send.mutate(undefined)}>
            <Send aria-hidden />
            {rows.length > 0 ? "Send again" : "Send it"}
          </Button>
        )
      }
    >
      {query.error && <QueryError error={query.error} what="what was mailed" onRetry={() => void query.refetch()} />}
      {query.isPending && <SkeletonRows rows={1} label="what was mailed" />}
      {query.data && rows.length === 0 && <p className="px-3.5 py-3 text-muted text-sm">{nothing(statement)}</p>}
      <ul>
        {rows.map((delivery) => (
          <DeliveryItem key={delivery.id} delivery={delivery} />
        ))}
      </ul>
      {query.hasNextPage && (
        <Pager
          shown={rows.length}
          total={total}
          hasMore
          pending={query.isFetchingNextPage}
          onMore={() => void query.fetchNextPage()}
        />
      )}
    </Panel>
  );
}

const nothing = ({ state }: StatementDetail) =>
  state === "draft"
    ? "It is mailed when it becomes final, if its tenant has e-mail addresses for statements."
    : "Not mailed: its tenant had no e-mail addresses for statements when it became final.";

function DeliveryItem({ delivery }: { delivery: Delivery }) {
  const { label, tone } = STATES[delivery.state];
  return (
    <li className="grid gap-1 border-b px-3.5 py-2.5 text-sm last:border-b-0">
      <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Badge tone={tone}>{label}</Badge>
        <span className="text-muted text-xs">
          <RelativeTime at={delivery.deliveredAt ?? delivery.lastAttemptAt ?? delivery.createdAt} />
          {delivery.attempts > 1 && `, ${formatNumberOf(delivery.attempts, "attempt")}`}
        </span>
      </span>
      <span className="break-all">{delivery.targets.join(", ")}</span>
      {delivery.state !== "delivered" && delivery.words && (
        <span className="break-words text-muted text-xs">{delivery.words}</span>
      )}
    </li>
  );
}
