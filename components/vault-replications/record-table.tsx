"use client";

import { useState } from "react";
import { PagedTable } from "@/components/feedback/paged-table";
import { Badge } from "@/components/ui/badge";
import type { Column } from "@/components/ui/data-table";
import { Select } from "@/components/ui/field";
import { LinkProgress } from "@/components/ui/progress";
import { RelativeTime } from "@/components/ui/relative-time";
import { RecordState, type ReplicationRecord } from "@/lib/engine/vault-replications/schemas";
import { formatBytes } from "@/lib/format";
import { recordsQuery } from "./queries";
import { RECORD_WORDS } from "./words";

const COLUMNS: readonly Column<ReplicationRecord>[] = [
  {
    id: "image",
    header: "Image",
    cell: ({ agent, volumeName }) => `${agent.name ?? "a removed agent"}${volumeName ? ` · ${volumeName}` : ""}`,
  },
  { id: "point", header: "Of", cell: ({ pointAt }) => (pointAt ? <RelativeTime at={pointAt} /> : "deleted") },
  {
    id: "size",
    header: "Size",
    align: "right",
    cell: ({ sizeBytes }) => (sizeBytes === null ? "–" : formatBytes(sizeBytes)),
  },
  {
    id: "state",
    header: "State",
    cell: ({ state }) => (
      <Badge tone={RECORD_WORDS[state].tone} icon={RECORD_WORDS[state].icon}>
        {RECORD_WORDS[state].label}
      </Badge>
    ),
  },
  {
    id: "progress",
    wide: true,
    header: "Progress",
    className: "min-[720px]:w-[34%]",
    cell: (record) => <Outcome record={record} />,
  },
];

/** The bar while it moves; the reason when it waits or did not come to success. */
function Outcome({ record }: { record: ReplicationRecord }) {
  if (record.state === "replicating")
    return (
      <LinkProgress
        share={record.progressPercent / 100}
        label={`Replication of an image of ${record.agent.name ?? "a removed agent"}`}
        valueText={`${record.progressPercent} %`}
      />
    );
  if (record.failure) return <span className="break-words text-xs">{record.failure.message}</span>;
  if (record.endedAt)
    return (
      <span className="text-muted text-xs">
        <RelativeTime at={record.endedAt} />
      </span>
    );
  return <span className="text-muted text-xs">Its turn comes.</span>;
}

/** One line per image of a replication. */
export function RecordTable({ vaultReplicationId }: { vaultReplicationId: string }) {
  const [state, setState] = useState<RecordState>();
  return (
    <div className="border-t bg-sunken/40">
      <div className="flex justify-end px-3.5 py-2">
        <Select
          aria-label="Which images"
          className="h-8 w-36 text-xs"
          value={state ?? ""}
          onChange={(event) => setState(RecordState.safeParse(event.target.value).data)}
        >
          <option value="">Every image</option>
          {RecordState.options.map((option) => (
            <option key={option} value={option}>
              {RECORD_WORDS[option].label}
            </option>
          ))}
        </Select>
      </div>
      <PagedTable
        options={recordsQuery(vaultReplicationId, state)}
        what="the images"
        label="Images of this replication"
        columns={COLUMNS}
        rowKey={(record) => record.id}
        empty={<p className="px-3.5 pb-3 text-muted text-sm">No image of this kind.</p>}
      />
    </div>
  );
}
