"use client";

import { useQuery } from "@tanstack/react-query";
import { ListFilter, Plus } from "lucide-react";
import { useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { AlertRule } from "@/lib/engine/alert-rules/schemas";
import type { Channel } from "@/lib/engine/channels/schemas";
import { channelsQuery, rulesQuery, tenantNamesQuery } from "./channel-queries";
import { RuleForm } from "./rule-form";
import { type Names, ruleInWords } from "./rule-words";

/** Which alerts go to which channel, and when they are held back. */
export function RulesPanel() {
  const query = useQuery(rulesQuery());
  const channels = useQuery(channelsQuery()).data?.items ?? [];
  const tenants = useQuery(tenantNamesQuery()).data?.items ?? [];
  const [editing, setEditing] = useState<AlertRule | "new" | null>(null);
  const [removing, setRemoving] = useState<AlertRule | null>(null);
  const names: Names = {
    channels: new Map(channels.map(({ id, name }) => [id, name])),
    tenants: new Map(tenants.map(({ id, name }) => [id, name])),
  };
  return (
    <Panel
      flush
      title="Rules"
      note="each alert goes to each channel once, however many rules ask for it"
      actions={
        channels.length > 0 && (
          <Button size="sm" onClick={() => setEditing("new")}>
            <Plus aria-hidden />
            New rule
          </Button>
        )
      }
    >
      <QueryView query={query} what="the rules">
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState icon={ListFilter} title="No rule yet">
              {channels.length === 0
                ? "Make a channel first: it gets a rule by itself, for warnings and worse."
                : "Without a rule nothing is told by any channel."}
            </EmptyState>
          ) : (
            <ul>
              {items.map((rule) => (
                <RuleItem
                  key={rule.id}
                  rule={rule}
                  names={names}
                  onEdit={() => setEditing(rule)}
                  onRemove={() => setRemoving(rule)}
                />
              ))}
            </ul>
          )
        }
      </QueryView>
      {editing && (
        <RuleForm
          rule={editing === "new" ? undefined : editing}
          channels={channels satisfies readonly Channel[]}
          tenants={tenants}
          onClose={() => setEditing(null)}
        />
      )}
      {removing && <Remove rule={removing} onClose={() => setRemoving(null)} />}
    </Panel>
  );
}

interface RuleItemProps {
  rule: AlertRule;
  names: Names;
  onEdit: () => void;
  onRemove: () => void;
}

function RuleItem({ rule, names, onEdit, onRemove }: RuleItemProps) {
  return (
    <li className="grid gap-x-4 gap-y-2.5 border-b px-3.5 py-3 last:border-b-0 @2xl:grid-cols-[minmax(0,1fr)_auto]">
      <div className="grid min-w-0 content-start gap-1">
        <p className="flex flex-wrap items-center gap-2">
          <span className="min-w-0 break-words font-medium text-sm">{rule.name}</span>
          {!rule.enabled && <Badge>Switched off</Badge>}
        </p>
        {ruleInWords(rule, names).map((sentence) => (
          <p key={sentence} className="break-words text-muted text-sm">
            {sentence}
          </p>
        ))}
      </div>
      <div className="flex flex-wrap content-start items-start gap-2">
        <Button size="sm" onClick={onEdit} aria-label={`Edit ${rule.name}`}>
          Edit
        </Button>
        <Button size="sm" tone="danger-quiet" onClick={onRemove} aria-label={`Remove ${rule.name}`}>
          Remove
        </Button>
      </div>
    </li>
  );
}

function Remove({ rule, onClose }: { rule: AlertRule; onClose: () => void }) {
  const remove = useAction({
    run: () => callAdmin(adminContract.deleteAlertRule, { id: rule.id }),
    touches: [["alert-rules"]],
    done: () => `${rule.name} is removed`,
    onDone: onClose,
  });
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Remove ${rule.name}`}
      action="Remove"
      pending={remove.isPending}
      onConfirm={() => remove.mutate(undefined)}
    >
      <p>What it asked for is told no more, unless another rule asks for it. What is on its way goes out still.</p>
    </Confirm>
  );
}
