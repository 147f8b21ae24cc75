"use client";

import { useQuery } from "@tanstack/react-query";
import { KeySquare, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { LastUsed } from "@/components/settings/last-used";
import { scopeWords } from "@/components/settings/scope-choice";
import { Button, IconButton } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import { type Column, DataTable } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { AccessKey } from "@/lib/engine/access-keys/schemas";
import { CreateAccessKey } from "./create-access-key";
import { accessKeysQuery } from "./queries";

/** Keys of the one who is signed in, for clients that sign their requests. */
export function AccessKeys() {
  const query = useQuery(accessKeysQuery());
  const [creating, setCreating] = useState(false);
  const [deleting, setDeleting] = useState<AccessKey | null>(null);
  const columns: readonly Column<AccessKey>[] = [
    { id: "name", header: "Name", cell: (key) => <span className="font-medium">{key.name}</span> },
    {
      id: "id",
      header: "Access key",
      cell: (key) => <code className="wrap-anywhere font-mono text-xs">{key.id}</code>,
    },
    { id: "made", header: "Made", cell: (key) => <RelativeTime at={key.createdAt} /> },
    { id: "scopes", wide: true, header: "For", cell: (key) => scopeWords(key.scopes) },
    {
      id: "used",
      header: "Last used",
      cell: (key) => <LastUsed at={key.lastUsedAt} from={key.lastUsedAddress} />,
    },
    {
      id: "expires",
      header: "Expires",
      cell: (key) => (key.expiresAt ? <RelativeTime at={key.expiresAt} /> : "never"),
    },
    {
      id: "actions",
      header: "Actions",
      align: "right",
      plain: true,
      cell: (key) => (
        <IconButton label={`Delete ${key.name}`} onClick={() => setDeleting(key)}>
          <Trash2 aria-hidden />
        </IconButton>
      ),
    },
  ];
  return (
    <Panel
      flush
      title="Access keys"
      note="for clients of CBR that sign requests, with your role"
      actions={
        <Button size="sm" onClick={() => setCreating(true)}>
          <Plus aria-hidden />
          New access key
        </Button>
      }
    >
      <QueryView query={query} what="the access keys">
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState icon={KeySquare} title="No access key yet">
              A client that signs its requests, as the SDKs of Huawei and Open Telekom Cloud do, needs a key and its
              secret.
            </EmptyState>
          ) : (
            <DataTable label="Access keys" rows={items} columns={columns} rowKey={(key) => key.id} />
          )
        }
      </QueryView>
      {creating && <CreateAccessKey onClose={() => setCreating(false)} />}
      {deleting && <Delete accessKey={deleting} onClose={() => setDeleting(null)} />}
    </Panel>
  );
}

function Delete({ accessKey, onClose }: { accessKey: AccessKey; onClose: () => void }) {
  const remove = useAction({
    run: () => callAdmin(adminContract.deleteAccessKey, { id: accessKey.id }),
    touches: [["access-keys"]],
    done: () => `${accessKey.name} is deleted`,
    onDone: onClose,
  });
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Delete ${accessKey.name}`}
      action="Delete"
      pending={remove.isPending}
      onConfirm={() => remove.mutate(undefined)}
    >
      <p>Requests that are signed by it are refused from the next one on. It cannot be brought back.</p>
    </Confirm>
  );
}
