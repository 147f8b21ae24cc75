"use client";

import { useState } from "react";
import { BYTES_PER, type ByteUnit, splitBytes } from "@/lib/format";
import { Field, Input, Select } from "./field";

interface SizeInputProps {
  label: string;
  hint?: string;
  /** Bytes, or null for "no limit". */
  value: number | null;
  onChange: (sizeBytes: number | null) => void;
  units: readonly ByteUnit[];
  /** After the unit: "/s" for rates. */
  per?: string;
  className?: string;
}

/** A size as a number and a unit; left empty it means no limit. */
export function SizeInput({ label, hint, value, onChange, units, per = "", className }: SizeInputProps) {
  const start = value === null ? { value: "", unit: units[0] ?? "GiB" } : splitBytes(value);
  const [text, setText] = useState(start.value);
  const [unit, setUnit] = useState<ByteUnit>(units.includes(start.unit) ? start.unit : (units[0] ?? "GiB"));
  const number = Number(text.replace(",", "."));
  const bad = text.trim() !== "" && !(number > 0 && number * BYTES_PER[unit] <= Number.MAX_SAFE_INTEGER);
  const tell = (nextText: string, nextUnit: ByteUnit) => {
    const size = Number(nextText.replace(",", ".")) * BYTES_PER[nextUnit];
    onChange(nextText.trim() !== "" && size >= 1 ? Math.round(size) : null);
  };
  return (
    <Field
      label={label}
      hint={hint}
      error={bad ? "Give a number above 0, or leave it empty." : undefined}
      className={className}
    >
      {(control) => (
        <div className="flex gap-1.5">
          <Input
            {...control}
            inputMode="decimal"
            autoComplete="off"
            placeholder="No limit"
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              tell(event.target.value, unit);
            }}
          />
          <Select
            aria-label={`${label}: unit`}
            className="w-26 shrink-0"
            value={unit}
            onChange={(event) => {
              const next = units.find((candidate) => candidate === event.target.value) ?? unit;
              setUnit(next);
              tell(text, next);
            }}
          >
            {units.map((candidate) => (
              <option key={candidate} value={candidate}>{`${candidate}${per}`}</option>
            ))}
          </Select>
        </div>
      )}
    </Field>
  );
}
