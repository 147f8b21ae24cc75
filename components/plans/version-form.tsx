"use client";

import { Plus, Trash2 } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useAction } from "@/components/feedback/use-action";
import { touches } from "@/components/statements/queries";
import { Button, IconButton } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { formatMonth } from "@/components/usage/figures";
import { METER_WORDS } from "@/components/usage/words";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import { type PlanVersion, type PricePlanDetail, SetPlanVersionInput } from "@/lib/engine/price-plans/schemas";
import { METER_UNITS, METERS, type MeterName } from "@/lib/engine/usage/schemas";
import { PlanPreview } from "./plan-preview";

/** A step as it is being written. */
export interface Step {
  key: number;
  meter: MeterName;
  fromQuantity: string;
  unitPrice: string;
}

interface VersionFormProps {
  plan: PricePlanDetail;
  version: PlanVersion | "new";
  onClose: () => void;
}

/** The prices of a plan from a month on, in steps. */
export function VersionForm({ plan, version, onClose }: VersionFormProps) {
  const before = version === "new" ? plan.versions[0] : version;
  const [steps, setSteps] = useState<readonly Step[]>(() => stepsOf(before));
  const [minimum, setMinimum] = useState(before ? plain(before.minimum) : "0");
  const [validFrom, setValidFrom] = useState(
    version === "new" ? new Date().toISOString().slice(0, 7) : version.validFrom,
  );
  const [wrong, setWrong] = useState<string | null>(null);
  const save = useAction({
    run: (input: SetPlanVersionInput) => callAdmin(adminContract.setPlanVersion, input),
    touches,
    done: () => `The prices hold from ${formatMonth(validFrom)} on`,
    onDone: onClose,
    quiet: true,
  });
  const parsed = SetPlanVersionInput.safeParse({
    id: plan.id,
    validFrom,
    minimum: minimum.trim() || "0",
    rates: ratesOf(steps),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setWrong(
      parsed.success
        ? null
        : "Every price is a decimal number with a dot, such as 0.05, and the month is one like 2026-11.",
    );
    if (parsed.success) save.mutate(parsed.data);
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      variant="sheet"
      wide
      title={version === "new" ? `New prices of ${plan.name}` : `Prices of ${plan.name}`}
      description="Each step covers its own part only: the first 1,000 GB at the first price, what is above at the next. A meter without a price is not charged."
    >
      <form onSubmit={submit} noValidate className="grid gap-5">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field
            label="Valid from"
            hint={version === "new" ? "The first month that is charged so." : "Of these prices."}
          >
            {(control) => (
              <Input
                {...control}
                type="month"
                value={validFrom}
                disabled={version !== "new"}
                onChange={(event) => setValidFrom(event.target.value)}
              />
            )}
          </Field>
          <Field label={`Minimum a month, ${plan.currency}`} hint="0: none.">
            {(control) => (
              <Input
                {...control}
                inputMode="decimal"
                value={minimum}
                onChange={(event) => setMinimum(event.target.value)}
              />
            )}
          </Field>
        </div>
        {METERS.map((meter) => (
          <MeterSteps key={meter} meter={meter} currency={plan.currency} steps={steps} onChange={setSteps} />
        ))}
        {(wrong || save.error) && (
          <Notice kind="danger" live title="Not saved">
            {wrong ?? save.error?.message}
          </Notice>
        )}
        <Button tone="primary" type="submit" pending={save.isPending} className="justify-self-end">
          Save the prices
        </Button>
      </form>
      <PlanPreview plan={plan} version={parsed.success ? parsed.data : null} />
    </Dialog>
  );
}

interface MeterStepsProps {
  meter: MeterName;
  currency: string;
  steps: readonly Step[];
  onChange: (steps: readonly Step[]) => void;
}

function MeterSteps({ meter, currency, steps, onChange }: MeterStepsProps) {
  const own = steps.filter((step) => step.meter === meter);
  const set = (key: number, change: Partial<Step>) =>
    onChange(steps.map((step) => (step.key === key ? { ...step, ...change } : step)));
  const add = () => {
    const key = Math.max(0, ...steps.map((step) => step.key)) + 1;
    onChange([...steps, { key, meter, fromQuantity: own.length === 0 ? "0" : "", unitPrice: "" }]);
  };
  return (
    <fieldset className="grid gap-2 border-t pt-3">
      <legend className="sr-only">{METER_WORDS[meter].label}</legend>
      <div className="flex flex-wrap items-center gap-2">
        <span className="font-medium text-sm">{METER_WORDS[meter].label}</span>
        <span className="text-muted text-xs">{`${currency} per ${METER_UNITS[meter]}`}</span>
        <Button size="sm" className="ml-auto" onClick={add}>
          <Plus aria-hidden />
          {own.length === 0 ? "Charge it" : "Another step"}
        </Button>
      </div>
      {own.map((step, at) => (
        <div key={step.key} className="grid grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto] items-end gap-2">
          <Field label={`From ${METER_UNITS[meter]}`}>
            {(control) => (
              <Input
                {...control}
                inputMode="decimal"
                disabled={at === 0}
                value={at === 0 ? "0" : step.fromQuantity}
                onChange={(event) => set(step.key, { fromQuantity: event.target.value })}
              />
            )}
          </Field>
          <Field label="Price of each">
            {(control) => (
              <Input
                {...control}
                inputMode="decimal"
                placeholder="0.05"
                value={step.unitPrice}
                onChange={(event) => set(step.key, { unitPrice: event.target.value })}
              />
            )}
          </Field>
          <IconButton
            label={`Remove step ${at + 1} of ${METER_WORDS[meter].label.toLowerCase()}`}
            onClick={() => onChange(steps.filter((one) => one.key !== step.key))}
          >
            <Trash2 aria-hidden />
          </IconButton>
        </div>
      ))}
    </fieldset>
  );
}

const stepsOf = (version: PlanVersion | undefined): Step[] =>
  (version?.rates ?? []).map(({ meter, fromQuantity, unitPrice }, key) => ({
    key,
    meter,
    fromQuantity: plain(fromQuantity),
    unitPrice: plain(unitPrice),
  }));

/** The first step of each meter begins at nothing. */
const ratesOf = (steps: readonly Step[]) =>
  METERS.flatMap((meter) =>
    steps
      .filter((step) => step.meter === meter)
      .map((step, at) => ({
        meter,
        fromQuantity: at === 0 ? "0" : step.fromQuantity.trim(),
        unitPrice: step.unitPrice.trim(),
      })),
  );

/** "0.050000" → "0.05" */
const plain = (value: string) => (value.includes(".") ? value.replace(/\.?0+$/, "") : value);
