"use client";

import { Search, SlidersHorizontal, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { Field, Input, Select } from "@/components/ui/field";
import { AUDIT_DOORS, AUDIT_RESULTS, type AuditFilter } from "@/lib/engine/audit/schemas";
import type { useAuditFilter } from "./use-filter";
import { DOOR_WORDS, RESULT_WORDS } from "./words";

type Filtering = ReturnType<typeof useAuditFilter>;

/** What to look for. Choices count at once, words when they are sent. */
export function AuditFilters({ filter, choose, clear }: Filtering) {
  const count = Object.keys(filter).length;
  const [isOpen, setOpen] = useState(false);
  return (
    <div className="border-b p-3.5">
      <Button
        size="sm"
        className="@2xl:hidden"
        aria-expanded={isOpen}
        aria-controls="audit-filters"
        onClick={() => setOpen(!isOpen)}
      >
        <SlidersHorizontal aria-hidden />
        {count > 0 ? `Filters (${count})` : "Filters"}
      </Button>
      <div id="audit-filters" className={cn("gap-3 @2xl:grid", isOpen ? "mt-3 grid" : "hidden")}>
        <Words key={JSON.stringify(filter)} filter={filter} choose={choose} />
        <div className="grid grid-cols-2 gap-3 @2xl:grid-cols-4">
          <Choice
            label="Result"
            value={filter.result}
            options={AUDIT_RESULTS.map((one) => [one, RESULT_WORDS[one].label])}
            onChange={(result) => choose({ result })}
          />
          <Choice
            label="Door"
            value={filter.door}
            options={AUDIT_DOORS.map((one) => [one, DOOR_WORDS[one] ?? one])}
            onChange={(door) => choose({ door })}
          />
          <Moment label="From" value={filter.from} onChange={(from) => choose({ from })} />
          <Moment label="Until" value={filter.to} onChange={(to) => choose({ to })} />
        </div>
        {count > 0 && (
          <div>
            <Button size="sm" onClick={clear}>
              <X aria-hidden />
              Show everything again
            </Button>
          </div>
        )}
      </div>
    </div>
  );
}

const WORDS = [
  { name: "actor", label: "Who", placeholder: "ann@, Vault, nobody" },
  { name: "action", label: "Action begins with", placeholder: "pairing., sign-in.create" },
  { name: "subject", label: "Whole subject", placeholder: "an id or an e-mail address" },
  { name: "text", label: "Text", placeholder: "address, reason, request id, detail" },
] as const;

function Words({ filter, choose }: Pick<Filtering, "choose"> & { filter: AuditFilter }) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const said = new FormData(event.currentTarget);
    choose(Object.fromEntries(WORDS.map(({ name }) => [name, String(said.get(name) ?? "").trim()])));
  };
  return (
    <form
      onSubmit={submit}
      className="grid items-end gap-3 @md:grid-cols-2 @4xl:grid-cols-[repeat(4,minmax(0,1fr))_auto]"
    >
      {WORDS.map(({ name, label, placeholder }) => (
        <Field key={name} label={label}>
          {(control) => (
            <Input
              {...control}
              name={name}
              maxLength={200}
              placeholder={placeholder}
              defaultValue={filter[name] ?? ""}
            />
          )}
        </Field>
      ))}
      <Button type="submit" tone="primary">
        <Search aria-hidden />
        Search
      </Button>
    </form>
  );
}

interface ChoiceProps {
  label: string;
  value: string | undefined;
  options: readonly (readonly [string, string])[];
  onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <Field label={label}>
      {(control) => (
        <Select {...control} value={value ?? ""} onChange={(event) => onChange(event.target.value)}>
          <option value="">Any</option>
          {options.map(([one, words]) => (
            <option key={one} value={one}>
              {words}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

/** A moment in the viewer's own time zone; the address holds it in UTC. */
function Moment({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (v: string) => void;
}) {
  const [typed, setTyped] = useState(() => (value ? toLocal(new Date(value)) : ""));
  const leave = () => onChange(typed && !Number.isNaN(Date.parse(typed)) ? new Date(typed).toISOString() : "");
  return (
    <Field label={label}>
      {(control) => (
        <Input
          {...control}
          type="datetime-local"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={leave}
        />
      )}
    </Field>
  );
}

function toLocal(at: Date): string {
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
