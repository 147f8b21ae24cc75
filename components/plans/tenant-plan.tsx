"use client";

import { useQuery } from "@tanstack/react-query";
import type { Route } from "next";
import Link from "next/link";
import { type FormEvent, useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { usePaged } from "@/components/feedback/use-paged";
import { useMay } from "@/components/shell/me";
import { formatAmount } from "@/components/statements/figures";
import { statementsQuery, touches } from "@/components/statements/queries";
import { StateBadge } from "@/components/statements/state-badge";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { formatMonth } from "@/components/usage/figures";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { TenantPlan as Assigned, TenantPlans } from "@/lib/engine/price-plans/schemas";
import { planChoicesQuery, tenantPlansQuery } from "./queries";

/** As many as tell how it goes. */
const STATEMENTS = 6;

/** What a tenant is charged by, and its last statements. For the tenant's own page. */
export function TenantPlan({ tenantId }: { tenantId: string }) {
  const may = useMay();
  if (!may(adminContract.listTenantPlans)) return null;
  return (
    <>
      <PlanPanel tenantId={tenantId} />
      <LastStatements tenantId={tenantId} />
    </>
  );
}

function PlanPanel({ tenantId }: { tenantId: string }) {
  const query = useQuery(tenantPlansQuery(tenantId));
  const [choosing, setChoosing] = useState(false);
  const may = useMay()(adminContract.assignPlan);
  return (
    <Panel
      flush
      title="Price plan"
      actions={
        may && (
          <Button size="sm" onClick={() => setChoosing(true)}>
            Change it from a month on
          </Button>
        )
      }
    >
      <QueryView query={query} what="the price plans of this tenant">
        {(plans) => <Plans tenantId={tenantId} plans={plans} />}
      </QueryView>
      {choosing && <AssignPlan tenantId={tenantId} onClose={() => setChoosing(false)} />}
    </Panel>
  );
}

function Plans({ tenantId, plans: { plans, current } }: { tenantId: string; plans: TenantPlans }) {
  if (plans.length === 0)
    return <p className="px-3.5 py-3 text-muted text-sm">None: its statements are of usage without prices.</p>;
  return (
    <ul>
      {plans.map((plan) => (
        <li
          key={plan.validFrom}
          className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b px-3.5 py-2.5 text-sm last:border-b-0"
        >
          <Link href={`/statements/plans/${plan.planId}` as Route} className="font-medium hover:underline">
            {plan.planName}
          </Link>
          <span className="text-muted">{`from ${formatMonth(plan.validFrom)} on, in ${plan.currency}`}</span>
          {plan.validFrom === current?.validFrom && <Badge tone="petrol">this month</Badge>}
          {!plan.isFrozen && <Remove tenantId={tenantId} plan={plan} />}
        </li>
      ))}
    </ul>
  );
}

function Remove({ tenantId, plan }: { tenantId: string; plan: Assigned }) {
  const may = useMay()(adminContract.removeTenantPlan);
  const remove = useAction({
    run: () => callAdmin(adminContract.removeTenantPlan, { tenantId, validFrom: plan.validFrom }),
    touches,
    done: () => `${plan.planName} from ${formatMonth(plan.validFrom)} on is taken back`,
  });
  if (!may) return null;
  return (
    <Button
      size="sm"
      tone="ghost"
      className="ml-auto"
      pending={remove.isPending}
      onClick={() => remove.mutate(undefined)}
    >
      Take back
    </Button>
  );
}

function AssignPlan({ tenantId, onClose }: { tenantId: string; onClose: () => void }) {
  const choices = useQuery(planChoicesQuery());
  const [wrong, setWrong] = useState(false);
  const assign = useAction({
    run: (input: { planId: string; validFrom: string }) => callAdmin(adminContract.assignPlan, { tenantId, ...input }),
    touches,
    done: () => "The price plan is set",
    onDone: onClose,
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [planId, validFrom] = [String(form.get("plan") ?? ""), String(form.get("from") ?? "")];
    setWrong(!planId || !validFrom);
    if (planId && validFrom) assign.mutate({ planId, validFrom });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Price plan from a month on"
      description="Months that have a final statement stay as they are."
    >
      <QueryView query={choices} what="the price plans">
        {({ items }) => (
          <form onSubmit={submit} noValidate className="grid gap-4">
            <Field
              label="Plan"
              hint={items.length === 0 ? "There is none yet. Make one under Statements, Plans." : undefined}
              error={wrong ? "Choose a plan and a month." : undefined}
            >
              {(control) => (
                <Select {...control} name="plan" defaultValue={items[0]?.id ?? ""}>
                  {items.map((plan) => (
                    <option key={plan.id} value={plan.id}>{`${plan.name} (${plan.currency})`}</option>
                  ))}
                </Select>
              )}
            </Field>
            <Field label="From" hint="The first month that is charged by it.">
              {(control) => (
                <Input {...control} name="from" type="month" defaultValue={new Date().toISOString().slice(0, 7)} />
              )}
            </Field>
            {assign.error && (
              <Notice kind="danger" live title="Not set">
                {assign.error.message}
              </Notice>
            )}
            <Button tone="primary" type="submit" pending={assign.isPending} className="justify-self-end">
              Set the plan
            </Button>
          </form>
        )}
      </QueryView>
    </Dialog>
  );
}

function LastStatements({ tenantId }: { tenantId: string }) {
  const { query, rows } = usePaged(statementsQuery({ tenantId }));
  return (
    <Panel flush title="Last statements">
      <QueryView query={query} what="the statements of this tenant">
        {() =>
          rows.length === 0 ? (
            <p className="px-3.5 py-3 text-muted text-sm">None yet: nothing was measured of this tenant.</p>
          ) : (
            <ul>
              {rows.slice(0, STATEMENTS).map((row) => (
                <li
                  key={row.id}
                  className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b px-3.5 py-2.5 text-sm last:border-b-0"
                >
                  <Link href={`/statements/${row.id}` as Route} className="font-medium hover:underline">
                    {formatMonth(row.month)}
                  </Link>
                  <StateBadge statement={row} />
                  <span data-figures className="ml-auto">
                    {row.currency ? formatAmount(row.total, row) : "without prices"}
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </QueryView>
    </Panel>
  );
}
