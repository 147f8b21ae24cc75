"use client";

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { usePaged } from "@/components/feedback/use-paged";
import { formatAmount, formatDecimal, formatQuantity, monthBefore, monthOf } from "@/components/statements/figures";
import { statementsQuery } from "@/components/statements/queries";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/field";
import { formatMonth } from "@/components/usage/figures";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { PlanPreview as Preview } from "@/lib/engine/plan-preview/schemas";
import type { PricePlanDetail, SetPlanVersionInput } from "@/lib/engine/price-plans/schemas";

interface PlanPreviewProps {
  plan: PricePlanDetail;
  /** null: what is written does not make prices yet. */
  version: SetPlanVersionInput | null;
}

/** Tries prices on a tenant's last month before they are saved. */
export function PlanPreview({ plan, version }: PlanPreviewProps) {
  const month = monthBefore(monthOf(new Date()));
  const { rows } = usePaged(statementsQuery({ month }));
  const [chosen, setChosen] = useState<string | null>(null);
  const [asked, setAsked] = useState<{ tenantId: string; version: SetPlanVersionInput } | null>(null);
  const tenantId = chosen ?? rows[0]?.tenantId;
  if (rows.length === 0 || !tenantId) return null;
  return (
    <section className="mt-5 grid gap-3 border-t pt-4">
      <h3 className="font-semibold text-sm">{`Try them on ${formatMonth(month)}`}</h3>
      <div className="flex flex-wrap gap-2">
        <Select
          aria-label="Tenant to try the prices on"
          className="w-56 max-w-full"
          value={tenantId}
          onChange={(event) => setChosen(event.target.value)}
        >
          {rows.map((row) => (
            <option key={row.tenantId} value={row.tenantId}>
              {row.tenantName}
            </option>
          ))}
        </Select>
        <Button aria-disabled={!version} onClick={() => version && setAsked({ tenantId, version })}>
          What would it have cost?
        </Button>
      </div>
      {!version && <p className="text-muted text-xs">The prices above are not complete yet.</p>}
      {asked && <Tried planId={plan.id} month={month} tenantId={asked.tenantId} version={asked.version} />}
    </section>
  );
}

interface TriedProps {
  planId: string;
  month: string;
  tenantId: string;
  version: SetPlanVersionInput;
}

function Tried({ planId, month, tenantId, version: { minimum, rates } }: TriedProps) {
  const input = { id: planId, month, tenantId, minimum, rates };
  const query = useQuery({
    queryKey: ["price-plans", "preview", input],
    queryFn: ({ signal }) => callAdmin(adminContract.previewPlan, input, signal),
  });
  return (
    <QueryView query={query} what="what it would have cost">
      {(preview) => <Result preview={preview} />}
    </QueryView>
  );
}

function Result({ preview }: { preview: Preview }) {
  const { tenantName, month, tried, now } = preview;
  return (
    <div role="status" className="grid gap-2 rounded-md border p-3 text-sm">
      <p>
        {`With these prices ${formatMonth(month)} of ${tenantName} would have cost `}
        <strong data-figures>{formatAmount(tried.total, preview)}</strong>
        {now ? `; with those that hold it costs ${formatAmount(now.total, now)}.` : "; it has no prices so far."}
      </p>
      <ul data-figures className="grid gap-1 text-muted text-xs">
        {tried.lines.map((line) => (
          <li key={line.position}>
            {`${line.description}: ${formatQuantity(line.quantity, line.unit)} × ${formatDecimal(line.unitPrice, 2)} = ${formatAmount(line.amount, preview)}`}
          </li>
        ))}
      </ul>
    </div>
  );
}
