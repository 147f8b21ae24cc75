"use client";

import { Lock } from "lucide-react";
import { useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { Notice } from "@/components/ui/notice";
import { formatMonth } from "@/components/usage/figures";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { FinalisedStatements, StatementDetail } from "@/lib/engine/statements/schemas";
import { formatNumberOf } from "@/lib/format";
import { formatAmount } from "./figures";
import { touches } from "./queries";

const WHAT_IT_DOES =
  "Its lines and its total are frozen as they stand now, and it gets the next number. That cannot be taken back: what turns out wrong later is corrected on a later statement.";

interface FinaliseMonthProps {
  month: string;
  drafts: number;
  /** There are more statements than are shown. */
  more: boolean;
}

/** Freezes every draft of a month, after saying what that means. */
export function FinaliseMonth({ month, drafts, more }: FinaliseMonthProps) {
  const [asking, setAsking] = useState(false);
  const [outcome, setOutcome] = useState<FinalisedStatements | null>(null);
  const finalise = useAction({
    run: () => callAdmin(adminContract.finaliseStatements, { month }),
    touches,
    done: ({ finalised }) => `${formatNumberOf(finalised, "statement")} of ${formatMonth(month)} final`,
    onDone: (done) => {
      setAsking(false);
      if (done.refused.length > 0) setOutcome(done);
    },
  });
  return (
    <>
      <Button tone="primary" size="sm" onClick={() => setAsking(true)}>
        <Lock aria-hidden />
        {`Finalise all drafts of ${formatMonth(month)}`}
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`Finalise ${more ? "all drafts" : formatNumberOf(drafts, "draft")} of ${formatMonth(month)}?`}
        action="Finalise them"
        pending={finalise.isPending}
        onConfirm={() => finalise.mutate(undefined)}
      >
        <p>{`This is done for every draft, one by one. ${WHAT_IT_DOES}`}</p>
        <p>Tenants with e-mail addresses for statements are sent theirs as PDF and CSV.</p>
      </Confirm>
      {outcome && (
        <Notice kind="warn" live title="Some could not be made final" className="w-full">
          <ul>
            {outcome.refused.map((one) => (
              <li key={one.id}>{`${one.tenantName}: ${one.message}`}</li>
            ))}
          </ul>
        </Notice>
      )}
    </>
  );
}

/** Freezes one draft. */
export function FinaliseStatement({ statement }: { statement: StatementDetail }) {
  const [asking, setAsking] = useState(false);
  const finalise = useAction({
    run: () => callAdmin(adminContract.finaliseStatement, { id: statement.id }),
    touches,
    done: (done) => `Statement ${done.number} is final`,
    onDone: () => setAsking(false),
  });
  if (statement.state === "final" || !statement.isMonthOver) return null;
  return (
    <>
      <Button tone="primary" onClick={() => setAsking(true)}>
        <Lock aria-hidden />
        Finalise
      </Button>
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={`Finalise ${formatMonth(statement.month)} of ${statement.tenantName}?`}
        action="Finalise it"
        pending={finalise.isPending}
        onConfirm={() => finalise.mutate(undefined)}
      >
        <p>{WHAT_IT_DOES}</p>
        {statement.currency && (
          <p>
            Its total is <strong>{formatAmount(statement.total, statement)}</strong>.
          </p>
        )}
      </Confirm>
    </>
  );
}
