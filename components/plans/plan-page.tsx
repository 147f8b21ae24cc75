"use client";

import { useQuery } from "@tanstack/react-query";
import { CalendarPlus, ReceiptText } from "lucide-react";
import { useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { touches } from "@/components/statements/queries";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { EmptyState } from "@/components/ui/empty-state";
import { Facts } from "@/components/ui/facts";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { formatMonth } from "@/components/usage/figures";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { PlanVersion, PricePlanDetail } from "@/lib/engine/price-plans/schemas";
import { formatNumberOf } from "@/lib/format";
import { pricePlanQuery } from "./queries";
import { VersionForm } from "./version-form";
import { priceLines } from "./words";

const TRAIL = [
  { label: "Statements", href: "/statements" },
  { label: "Plans", href: "/statements?tab=plans" },
] as const;

/** A price plan: its prices, each from a month on. */
export function PlanPage({ id }: { id: string }) {
  const query = useQuery(pricePlanQuery(id));
  const plan = query.data;
  return (
    <>
      <PageHeader
        title={plan?.name ?? "Price plan"}
        trail={TRAIL}
        badges={plan?.retiredAt && <Badge>retired</Badge>}
        description={plan?.description}
        actions={plan && <Retire plan={plan} />}
      />
      <QueryView query={query} what="this price plan">
        {(loaded) => <PlanView plan={loaded} />}
      </QueryView>
    </>
  );
}

function PlanView({ plan }: { plan: PricePlanDetail }) {
  const [editing, setEditing] = useState<PlanVersion | "new" | null>(null);
  const may = useMay()(adminContract.setPlanVersion);
  const button = may && (
    <Button size="sm" onClick={() => setEditing("new")}>
      <CalendarPlus aria-hidden />
      New prices from a month on
    </Button>
  );
  return (
    <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <Panel flush title="Prices" note="the newest first" actions={button}>
        {plan.versions.length === 0 && (
          <EmptyState icon={ReceiptText} title="No prices yet" action={button}>
            Until then its tenants get statements of their usage without prices.
          </EmptyState>
        )}
        <ul>
          {plan.versions.map((version) => (
            <Version key={version.id} plan={plan} version={version} onEdit={() => setEditing(version)} />
          ))}
        </ul>
      </Panel>
      <Panel title="This plan" className="self-start">
        <Facts
          items={[
            { label: "Currency", value: plan.currency },
            { label: "Used by", value: formatNumberOf(plan.tenants, "tenant") },
            { label: "Made", value: <RelativeTime at={plan.createdAt} /> },
            ...(plan.retiredAt ? [{ label: "Retired", value: <RelativeTime at={plan.retiredAt} /> }] : []),
          ]}
        />
      </Panel>
      {editing && <VersionForm plan={plan} version={editing} onClose={() => setEditing(null)} />}
    </div>
  );
}

interface VersionProps {
  plan: PricePlanDetail;
  version: PlanVersion;
  onEdit: () => void;
}

function Version({ plan, version, onEdit }: VersionProps) {
  const [removing, setRemoving] = useState(false);
  const may = useMay();
  const remove = useAction({
    run: () => callAdmin(adminContract.deletePlanVersion, { id: plan.id, validFrom: version.validFrom }),
    touches,
    done: () => `The prices from ${formatMonth(version.validFrom)} on are taken back`,
    onDone: () => setRemoving(false),
  });
  return (
    <li className="grid gap-1.5 border-b px-3.5 py-3 last:border-b-0">
      <div className="flex flex-wrap items-center gap-2">
        <span className="font-semibold text-sm">{`From ${formatMonth(version.validFrom)} on`}</span>
        {version.isFrozen && <Badge title="A final statement uses them.">in use, cannot be changed</Badge>}
        {!version.isFrozen && (
          <span className="ml-auto flex gap-2">
            {may(adminContract.setPlanVersion) && (
              <Button size="sm" onClick={onEdit}>
                Edit
              </Button>
            )}
            {may(adminContract.deletePlanVersion) && (
              <Button size="sm" tone="danger-quiet" onClick={() => setRemoving(true)}>
                Take back
              </Button>
            )}
          </span>
        )}
      </div>
      <ul data-figures className="grid gap-0.5 text-sm">
        {priceLines(version, plan.currency).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <Confirm
        open={removing}
        onOpenChange={setRemoving}
        title={`Take back the prices from ${formatMonth(version.validFrom)} on?`}
        action="Take them back"
        pending={remove.isPending}
        onConfirm={() => remove.mutate(undefined)}
      >
        <p>
          Drafts of that month and later ones are computed with the prices before them. Final statements stay as they
          are.
        </p>
      </Confirm>
    </li>
  );
}

function Retire({ plan }: { plan: PricePlanDetail }) {
  const may = useMay()(adminContract.updatePricePlan);
  const isRetired = plan.retiredAt !== null;
  const retire = useAction({
    run: () => callAdmin(adminContract.updatePricePlan, { id: plan.id, isRetired: !isRetired }),
    touches: [["price-plans"]],
    done: () =>
      isRetired ? `${plan.name} is offered again` : `${plan.name} is offered to nobody any more; who has it keeps it`,
  });
  if (!may) return null;
  return (
    <Button pending={retire.isPending} onClick={() => retire.mutate(undefined)}>
      {isRetired ? "Offer it again" : "Retire it"}
    </Button>
  );
}
