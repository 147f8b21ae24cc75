"use client";

import { Camera, Pencil, Plus, Waypoints } from "lucide-react";
import { useState } from "react";
import { PagedTable } from "@/components/feedback/paged-table";
import { useMay } from "@/components/shell/me";
import { Button, IconButton } from "@/components/ui/button";
import type { Column } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { ReplicationRule } from "@/lib/engine/replication-rules/schemas";
import type { SnapshotRule } from "@/lib/engine/snapshot-rules/schemas";
import { formatCount } from "@/lib/format";
import { DeleteAction } from "./delete-action";
import { replicationRulesQuery, snapshotRulesQuery } from "./queries";
import { ReplicationRuleForm } from "./replication-rule-form";
import { SnapshotRuleForm } from "./snapshot-rule-form";
import { capitalized } from "./words";

const usedBy = (policies: readonly { name: string }[]) =>
  policies.length === 0 ? "no policy" : policies.map(({ name }) => name).join(", ");

/** When recovery points are made, and how long they stay. */
export function SnapshotRulesPanel() {
  const may = useMay()(adminContract.updateSnapshotRule);
  const [editing, setEditing] = useState<SnapshotRule | "new" | null>(null);
  return (
    <Panel
      flush
      title="Snapshot rules"
      note="when captures are made, and how long they stay"
      actions={may && <NewButton onClick={() => setEditing("new")} />}
    >
      <PagedTable
        options={snapshotRulesQuery()}
        what="the snapshot rules"
        label="Snapshot rules"
        columns={[...SNAPSHOT_COLUMNS, ...(may ? [actions<SnapshotRule>(setEditing, deleteSnapshotRule)] : [])]}
        rowKey={(rule) => rule.id}
        empty={
          <EmptyState icon={Camera} title="No snapshot rule yet">
            A snapshot rule makes recovery points by itself: every 15 minutes, or at 02:00 on weekdays.
          </EmptyState>
        }
      />
      {editing && <SnapshotRuleForm rule={editing === "new" ? null : editing} onClose={() => setEditing(null)} />}
    </Panel>
  );
}

/** Where recovery points go, and how far behind that may be. */
export function ReplicationRulesPanel() {
  const may = useMay()(adminContract.updateReplicationRule);
  const [editing, setEditing] = useState<ReplicationRule | "new" | null>(null);
  return (
    <Panel
      flush
      title="Replication rules"
      note="where recovery points go, and how far behind that may be"
      actions={may && <NewButton onClick={() => setEditing("new")} />}
    >
      <PagedTable
        options={replicationRulesQuery()}
        what="the replication rules"
        label="Replication rules"
        columns={[
          ...REPLICATION_COLUMNS,
          ...(may ? [actions<ReplicationRule>(setEditing, deleteReplicationRule)] : []),
        ]}
        rowKey={(rule) => rule.id}
        empty={
          <EmptyState icon={Waypoints} title="No replication rule yet">
            A replication rule keeps another core so many minutes behind at most.
          </EmptyState>
        }
      />
      {editing && <ReplicationRuleForm rule={editing === "new" ? null : editing} onClose={() => setEditing(null)} />}
    </Panel>
  );
}

const NewButton = ({ onClick }: { onClick: () => void }) => (
  <Button size="sm" onClick={onClick}>
    <Plus aria-hidden />
    New rule
  </Button>
);

const SNAPSHOT_COLUMNS: readonly Column<SnapshotRule>[] = [
  { id: "name", header: "Rule", cell: (rule) => <span className="font-medium">{rule.name}</span> },
  { id: "what", header: "What it does", cell: (rule) => capitalized(rule.summary) },
  { id: "used", header: "Used by", cell: (rule) => usedBy(rule.policies) },
];

const REPLICATION_COLUMNS: readonly Column<ReplicationRule>[] = [
  { id: "name", header: "Rule", cell: (rule) => <span className="font-medium">{rule.name}</span> },
  { id: "what", header: "What it does", cell: (rule) => capitalized(rule.summary) },
  { id: "used", header: "Used by", cell: (rule) => usedBy(rule.policies) },
  { id: "sessions", header: "Sessions", align: "right", cell: (rule) => formatCount(rule.sessions) },
];

const deleteSnapshotRule = (id: string) => callAdmin(adminContract.deleteSnapshotRule, { id });
const deleteReplicationRule = (id: string) => callAdmin(adminContract.deleteReplicationRule, { id });

function actions<T extends { id: string; name: string }>(
  onEdit: (rule: T) => void,
  remove: (id: string) => Promise<unknown>,
): Column<T> {
  return {
    id: "actions",
    header: "Actions",
    align: "right",
    plain: true,
    cell: (rule) => (
      <span className="inline-flex gap-1">
        <IconButton label={`Edit ${rule.name}`} onClick={() => onEdit(rule)}>
          <Pencil aria-hidden />
        </IconButton>
        <DeleteAction name={rule.name} what="rule" run={() => remove(rule.id)}>
          <p>The rule goes. Recovery points that it made stay as long as it said. Refused while a policy holds it.</p>
        </DeleteAction>
      </span>
    ),
  };
}
