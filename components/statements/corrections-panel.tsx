"use client";

import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input, Select, Textarea } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { formatMonth } from "@/components/usage/figures";
import { METER_WORDS } from "@/components/usage/words";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { StatementDetail } from "@/lib/engine/statements/schemas";
import { AddCorrectionInput, METER_UNITS, METERS } from "@/lib/engine/usage/schemas";
import { CorrectionTable } from "./correction-table";
import { touches } from "./queries";

/** What was corrected of this tenant's month, and a way to correct it. */
export function StatementCorrections({ statement }: { statement: StatementDetail }) {
  const [adding, setAdding] = useState(false);
  const may = useMay()(adminContract.addCorrection);
  const { tenantId, month } = statement;
  return (
    <Panel
      flush
      title="Corrections of this month"
      actions={
        may && (
          <Button size="sm" onClick={() => setAdding(true)}>
            <Plus aria-hidden />
            Correct it
          </Button>
        )
      }
    >
      <CorrectionTable filter={{ tenantId, month }} />
      {adding && <AddCorrection statement={statement} onClose={() => setAdding(false)} />}
    </Panel>
  );
}

function AddCorrection({ statement, onClose }: { statement: StatementDetail; onClose: () => void }) {
  const [wrong, setWrong] = useState<Readonly<Record<string, string>>>({});
  const add = useAction({
    run: (input: AddCorrectionInput) => callAdmin(adminContract.addCorrection, input),
    touches,
    done: () => "The correction stands",
    onDone: onClose,
    quiet: true,
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const input = AddCorrectionInput.safeParse({
      tenantId: statement.tenantId,
      month: statement.month,
      meter: form.get("meter"),
      quantity: String(form.get("quantity")).trim().replace("−", "-"),
      reason: form.get("reason"),
    });
    setWrong(Object.fromEntries(input.error?.issues.map((issue) => [String(issue.path[0]), issue.message]) ?? []));
    if (input.success) add.mutate(input.data);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Correct ${formatMonth(statement.month)} of ${statement.tenantName}`}
      description={
        statement.state === "final"
          ? "This statement is final and stays as it is: the correction is charged on a later one."
          : "It stands on this statement as a line of its own, with its reason."
      }
    >
      <form onSubmit={submit} noValidate className="grid gap-4">
        <Field label="What is corrected">
          {(control) => (
            <Select {...control} name="meter">
              {METERS.map((meter) => (
                <option key={meter} value={meter}>{`${METER_WORDS[meter].label}, in ${METER_UNITS[meter]}s`}</option>
              ))}
            </Select>
          )}
        </Field>
        <Field
          label="Quantity"
          hint="With its sign: -2.5 takes two and a half away."
          error={wrong.quantity && "Give a decimal number with a dot, such as -2.5."}
        >
          {(control) => (
            <Input {...control} name="quantity" autoComplete="off" inputMode="decimal" placeholder="-2.5" />
          )}
        </Field>
        <Field label="Reason" hint="The customer reads it." error={wrong.reason && "Say why, in 3 to 500 characters."}>
          {(control) => <Textarea {...control} name="reason" />}
        </Field>
        {add.error && (
          <Notice kind="danger" live title="Not corrected">
            {add.error.message}
          </Notice>
        )}
        <Button tone="primary" type="submit" pending={add.isPending} className="justify-self-end">
          Add the correction
        </Button>
      </form>
    </Dialog>
  );
}
