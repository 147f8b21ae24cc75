"use client";

import { KeyRound, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { PagedTable } from "@/components/feedback/paged-table";
import { useAction } from "@/components/feedback/use-action";
import { Button, IconButton } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import type { Column } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { ApiToken } from "@/lib/engine/accounts/schemas";
import { CreateToken } from "./create-token";
import { LastUsed } from "./last-used";
import { tokensQuery } from "./queries";
import { scopeWords } from "./scope-choice";

/** Bearer tokens of the one who is signed in. */
export function ApiTokens() {
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<ApiToken | null>(null);
  const columns: readonly Column<ApiToken>[] = [
    { id: "name", header: "Token", cell: (token) => <span className="font-medium">{token.name}</span> },
    { id: "made", header: "Made", cell: (token) => <RelativeTime at={token.createdAt} /> },
    { id: "scopes", wide: true, header: "For", cell: (token) => scopeWords(token.scopes) },
    {
      id: "used",
      header: "Last used",
      cell: (token) => <LastUsed at={token.lastUsedAt} from={token.lastUsedAddress} />,
    },
    {
      id: "expires",
      header: "Expires",
      cell: (token) => (token.expiresAt ? <RelativeTime at={token.expiresAt} /> : "never"),
    },
    {
      id: "actions",
      header: "Actions",
      align: "right",
      plain: true,
      cell: (token) => (
        <IconButton label={`Revoke ${token.name}`} onClick={() => setRevoking(token)}>
          <Trash2 aria-hidden />
        </IconButton>
      ),
    },
  ];
  return (
    <Panel
      flush
      title="API tokens"
      note="for scripts, with your role"
      actions={
        <Button size="sm" onClick={() => setCreating(true)}>
          <Plus aria-hidden />
          New token
        </Button>
      }
    >
      <PagedTable
        options={tokensQuery()}
        what="the tokens"
        label="API tokens"
        columns={columns}
        rowKey={(token) => token.id}
        empty={
          <EmptyState icon={KeyRound} title="No token yet">
            A script that sends a stream, or calls the API in any other way, shows a token instead of signing in.
          </EmptyState>
        }
      />
      {creating && <CreateToken onClose={() => setCreating(false)} />}
      {revoking && <Revoke token={revoking} onClose={() => setRevoking(null)} />}
    </Panel>
  );
}

function Revoke({ token, onClose }: { token: ApiToken; onClose: () => void }) {
  const revoke = useAction({
    run: () => callAdmin(adminContract.deleteApiToken, { id: token.id }),
    touches: [["tokens"]],
    done: () => `${token.name} is revoked`,
    onDone: onClose,
  });
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Revoke ${token.name}`}
      action="Revoke"
      pending={revoke.isPending}
      onConfirm={() => revoke.mutate(undefined)}
    >
      <p>
        Scripts that use it are refused from the next request on. It cannot be brought back; a new one takes its place.
      </p>
    </Confirm>
  );
}
