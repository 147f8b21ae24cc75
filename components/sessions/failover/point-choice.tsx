"use client";

import { useQuery } from "@tanstack/react-query";
import { Field, Select } from "@/components/ui/field";
import { formatAbsolute } from "@/lib/format";
import { pointChoicesQuery } from "../queries";

interface PointChoiceProps {
  agentId: string;
  value: string;
  onChange: (recoveryPointId: string) => void;
}

/** One of the newest recovery points on this core; "" means the newest, whichever it is when the order is carried out. */
export function PointChoice({ agentId, value, onChange }: PointChoiceProps) {
  const query = useQuery(pointChoicesQuery(agentId));
  const points = query.data?.items.filter(({ missingVolumes }) => missingVolumes.length === 0) ?? [];
  const more = (query.data?.total ?? 0) > (query.data?.items.length ?? 0);
  const hint = query.isError
    ? "The recovery points could not be listed just now; the newest one is taken."
    : more
      ? `The newest ${points.length} are listed.`
      : undefined;
  return (
    <Field label="Recovery point" hint={hint}>
      {(control) => (
        <Select {...control} value={value} onChange={(event) => onChange(event.target.value)}>
          <option value="">The newest on this core</option>
          {points.map((point) => (
            <option key={point.id} value={point.id}>
              {formatAbsolute(new Date(point.createdAt)) + (point.label ? ` · ${point.label}` : "")}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}
