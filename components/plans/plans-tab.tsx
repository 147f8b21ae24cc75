"use client";

import { Plus, ReceiptText } from "lucide-react";
import type { Route } from "next";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { PagedTable } from "@/components/feedback/paged-table";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import type { Column } from "@/components/ui/data-table";
import { Dialog } from "@/components/ui/dialog";
import { EmptyState } from "@/components/ui/empty-state";
import { Checkbox, Field, Input, Textarea } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { formatMonth } from "@/components/usage/figures";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { CreatePricePlanInput, type PricePlanSummary } from "@/lib/engine/price-plans/schemas";
import { formatNumberOf } from "@/lib/format";
import { pricePlansQuery } from "./queries";
import { priceLines } from "./words";

const COLUMNS: readonly Column<PricePlanSummary>[] = [
  {
    id: "name",
    header: "Plan",
    cell: (plan) => (
      <span className="inline-flex flex-wrap items-center gap-1.5">
        {plan.name}
        {plan.retiredAt && <Badge>retired</Badge>}
      </span>
    ),
  },
  { id: "prices", header: "Prices this month", wide: true, cell: (plan) => <Prices plan={plan} /> },
  {
    id: "since",
    header: "Valid from",
    cell: (plan) => (plan.version ? formatMonth(plan.version.validFrom) : <span className="text-muted">later</span>),
  },
  { id: "tenants", header: "Used by", align: "right", cell: (plan) => formatNumberOf(plan.tenants, "tenant") },
];

function Prices({ plan }: { plan: PricePlanSummary }) {
  if (!plan.version) return <span className="text-muted">none yet</span>;
  return (
    <span className="grid gap-0.5">
      {priceLines(plan.version, plan.currency).map((line) => (
        <span key={line}>{line}</span>
      ))}
    </span>
  );
}

/** What tenants are charged by. */
export function PlansTab() {
  const [creating, setCreating] = useState(false);
  const [retired, setRetired] = useState(false);
  const may = useMay()(adminContract.createPricePlan);
  const button = may && (
    <Button size="sm" onClick={() => setCreating(true)}>
      <Plus aria-hidden />
      New plan
    </Button>
  );
  return (
    <Panel
      flush
      title="Price plans"
      actions={
        <>
          <Checkbox label="Retired, too" checked={retired} onChange={(event) => setRetired(event.target.checked)} />
          {button}
        </>
      }
    >
      <PagedTable
        options={pricePlansQuery(retired ? "true" : "false")}
        what="the price plans"
        label="Price plans"
        columns={COLUMNS}
        rowKey={(plan) => plan.id}
        href={(plan) => `/statements/plans/${plan.id}`}
        empty={
          <EmptyState icon={ReceiptText} title="No price plan yet" action={button}>
            A plan has a currency and prices per GB-month stored or protected, per GB transferred and per agent, each in
            steps if you like. Tenants without a plan get statements of their usage without prices.
          </EmptyState>
        }
      />
      {creating && <CreatePlan onClose={() => setCreating(false)} />}
    </Panel>
  );
}

function CreatePlan({ onClose }: { onClose: () => void }) {
  const router = useRouter();
  const [wrong, setWrong] = useState<Readonly<Record<string, string>>>({});
  const create = useAction({
    run: (input: CreatePricePlanInput) => callAdmin(adminContract.createPricePlan, input),
    touches: [["price-plans"]],
    done: (plan) => `${plan.name} is made; now give it prices`,
    // A path with an id in it is more than the type of routes can tell.
    onDone: (plan) => router.push(`/statements/plans/${plan.id}` as Route),
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const input = CreatePricePlanInput.safeParse({
      name: form.get("name"),
      currency: String(form.get("currency")).trim().toUpperCase(),
      description: form.get("description"),
    });
    setWrong(Object.fromEntries(input.error?.issues.map((issue) => [String(issue.path[0]), issue.message]) ?? []));
    if (input.success) create.mutate(input.data);
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="New price plan" description="Its prices come next.">
      <form onSubmit={submit} noValidate className="grid gap-4">
        <Field label="Name" error={wrong.name && "Give the plan a name."}>
          {(control) => <Input {...control} name="name" autoComplete="off" placeholder="Standard 2026" />}
        </Field>
        <Field
          label="Currency"
          hint="Three letters, as EUR. It does not change any more."
          error={wrong.currency && "Give three letters, such as EUR."}
        >
          {(control) => <Input {...control} name="currency" autoComplete="off" maxLength={3} defaultValue="EUR" />}
        </Field>
        <Field label="Description" error={wrong.description}>
          {(control) => <Textarea {...control} name="description" />}
        </Field>
        {create.error && (
          <Notice kind="danger" live title="Not made">
            {create.error.message}
          </Notice>
        )}
        <Button tone="primary" type="submit" pending={create.isPending} className="justify-self-end">
          Make the plan
        </Button>
      </form>
    </Dialog>
  );
}
