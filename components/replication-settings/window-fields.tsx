"use client";

import { Trash2 } from "lucide-react";
import { IconButton } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import type { ThrottleWindow } from "@/lib/engine/replication-settings/schemas";
import { DAY_NAMES, DAY_ORDER, windowInWords } from "./words";

interface WindowFieldsProps {
  window: ThrottleWindow;
  position: number;
  onChange: (next: ThrottleWindow) => void;
  onRemove: () => void;
}

/** One window of the schedule, as fields. */
export function WindowFields({ window, position, onChange, onRemove }: WindowFieldsProps) {
  const toggle = (day: number) =>
    onChange({
      ...window,
      days: window.days.includes(day) ? window.days.filter((each) => each !== day) : [...window.days, day].sort(),
    });
  return (
    <li className="rounded-md border p-3">
      <fieldset className="grid gap-3">
        <legend className="sr-only">{`Window ${position}`}</legend>
        <div className="flex items-start justify-between gap-2">
          <p className="pt-1 font-medium text-sm">
            {window.days.length === 0 ? "No day is chosen" : windowInWords(window)}
          </p>
          <IconButton label={`Remove window ${position}`} onClick={onRemove}>
            <Trash2 aria-hidden />
          </IconButton>
        </div>
        <div className="flex flex-wrap gap-1.5">
          {DAY_ORDER.map((day) => (
            <button
              key={day}
              type="button"
              aria-pressed={window.days.includes(day)}
              aria-label={DAY_NAMES[day]}
              onClick={() => toggle(day)}
              className="h-8 min-w-11 rounded-md border px-2 text-xs aria-pressed:border-petrol aria-pressed:bg-petrol-soft aria-pressed:font-medium aria-pressed:text-petrol touch:h-11"
            >
              {DAY_NAMES[day].slice(0, 3)}
            </button>
          ))}
        </div>
        <div className="grid grid-cols-2 gap-3 @md:grid-cols-3">
          <Field label="From">
            {(control) => (
              <Input
                {...control}
                type="time"
                value={window.start}
                onChange={(event) => onChange({ ...window, start: event.target.value })}
              />
            )}
          </Field>
          <Field label="Until">
            {(control) => (
              <Input
                {...control}
                type="time"
                value={window.end}
                onChange={(event) => onChange({ ...window, end: event.target.value })}
              />
            )}
          </Field>
          <Field label="Percent of the line" className="@max-md:col-span-2">
            {(control) => (
              <Input
                {...control}
                type="number"
                inputMode="numeric"
                min={0}
                max={100}
                value={Number.isNaN(window.percentage) ? "" : window.percentage}
                onChange={(event) => onChange({ ...window, percentage: event.target.valueAsNumber })}
              />
            )}
          </Field>
        </div>
      </fieldset>
    </li>
  );
}
