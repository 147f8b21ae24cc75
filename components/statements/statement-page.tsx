"use client";

import { useQuery } from "@tanstack/react-query";
import { QueryView } from "@/components/feedback/query-view";
import { May } from "@/components/shell/may";
import { CopyText } from "@/components/ui/copy";
import { Facts } from "@/components/ui/facts";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { formatMonth } from "@/components/usage/figures";
import type { StatementDetail } from "@/lib/engine/statements/schemas";
import { formatAbsolute } from "@/lib/format";
import { StatementCorrections } from "./corrections-panel";
import { StatementDeliveries } from "./deliveries-panel";
import { ExportsPanel } from "./exports-panel";
import { formatAmount, formatQuantity } from "./figures";
import { FinaliseStatement } from "./finalise";
import { LineItem } from "./line-item";
import { statementQuery } from "./queries";
import { StateBadge } from "./state-badge";

/** A bill as on paper, and everything that stands behind it. */
export function StatementPage({ id }: { id: string }) {
  const query = useQuery(statementQuery(id));
  const statement = query.data;
  return (
    <>
      <PageHeader
        title={statement ? `${statement.tenantName}, ${formatMonth(statement.month)}` : "Statement"}
        trail={[{ label: "Statements", href: statement ? `/statements?month=${statement.month}` : "/statements" }]}
        badges={statement && <StateBadge statement={statement} />}
        actions={
          statement && (
            <May call="finaliseStatement">
              <FinaliseStatement statement={statement} />
            </May>
          )
        }
      />
      <QueryView query={query} what="this statement">
        {(loaded) => <StatementView statement={loaded} />}
      </QueryView>
    </>
  );
}

function StatementView({ statement }: { statement: StatementDetail }) {
  return (
    <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="grid min-w-0 content-start gap-4">
        {statement.state === "draft" && <DraftNotice statement={statement} />}
        <Bill statement={statement} />
        <UsedPanel statement={statement} />
        <StatementCorrections statement={statement} />
      </div>
      <div className="grid min-w-0 content-start gap-4">
        <ExportsPanel statement={statement} />
        <Panel title="This statement">
          <Facts
            items={[
              { label: "Customer", value: statement.tenantName },
              ...(statement.customerId ? [{ label: "Customer id", value: statement.customerId }] : []),
              { label: "From", value: formatAbsolute(new Date(statement.beginsAt), statement.timeZone) },
              { label: "Until", value: formatAbsolute(new Date(statement.endsAt), statement.timeZone) },
              { label: "Time zone", value: statement.timeZone },
              { label: "Plan", value: statement.planName || "none: usage without prices" },
              { label: "Computed", value: <RelativeTime at={statement.computedAt} /> },
              ...(statement.finalisedAt
                ? [
                    { label: "Final since", value: <RelativeTime at={statement.finalisedAt} /> },
                    { label: "By", value: nameOf(statement.finalisedBy) },
                  ]
                : []),
              { label: "Id", value: <CopyText text={statement.id} label="statement id" /> },
            ]}
          />
        </Panel>
        <StatementDeliveries statement={statement} />
      </div>
    </div>
  );
}

/** "account:ada@example.com" → "ada@example.com" */
const nameOf = (actor: string | null) => actor?.replace(/^account:/, "") ?? "";

const DraftNotice = ({ statement }: { statement: StatementDetail }) => (
  <Notice kind="warn" title={statement.isMonthOver ? "A draft: nobody was billed yet" : "The month is still running"}>
    {statement.isMonthOver
      ? "It is computed from the ledger each time somebody looks at it. Finalise it when it is right; from then on it stays as it is."
      : "These are the figures to date. It can be finalised when the month is over in the tenant's time zone."}
  </Notice>
);

function Bill({ statement }: { statement: StatementDetail }) {
  const priced = statement.currency !== "";
  return (
    <Panel flush title="Lines" note="each opens to its formula, its days and their samples">
      {statement.lines.length === 0 && <p className="px-3.5 py-4 text-muted text-sm">Nothing is charged.</p>}
      <ol>
        {statement.lines.map((line) => (
          <LineItem key={line.position} line={line} statement={statement} />
        ))}
      </ol>
      {priced && (
        <p data-figures className="flex justify-between gap-4 border-t-2 px-3.5 py-3 font-semibold text-lg">
          <span>Total</span>
          <span data-testid="total">{formatAmount(statement.total, statement)}</span>
        </p>
      )}
      <Gaps statement={statement} />
    </Panel>
  );
}

function Gaps({ statement }: { statement: StatementDetail }) {
  const hours = statement.missingHours.replace(/\.?0+$/, "") || "0";
  return (
    <p className="border-t px-3.5 py-2.5 text-muted text-xs">
      {hours === "0"
        ? "There is no gap: something was measured for every hour of every agent."
        : `For ${hours} hours of agents nothing was measured. They are not charged; the days are marked in each line.`}
    </p>
  );
}

/** What was used of every meter, priced or not. */
function UsedPanel({ statement }: { statement: StatementDetail }) {
  return (
    <Panel title="Used" note="without prices and corrections">
      <Facts
        items={statement.usage.map((used) => ({
          label: used.meter.replace(/^./, (first) => first.toUpperCase()),
          value: (
            <>
              <span data-figures>{formatQuantity(used.quantity, used.unit)}</span>
              <span className="block break-words text-muted text-xs">{used.formula}</span>
            </>
          ),
        }))}
      />
    </Panel>
  );
}
