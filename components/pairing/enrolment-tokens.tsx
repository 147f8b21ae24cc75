"use client";

import { KeyRound, Plus, Trash2 } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { PagedTable } from "@/components/feedback/paged-table";
import { useAction } from "@/components/feedback/use-action";
import { useMay } from "@/components/shell/me";
import { Badge, type Tone } from "@/components/ui/badge";
import { Button, IconButton } from "@/components/ui/button";
import { Confirm } from "@/components/ui/confirm";
import type { Column } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { EnrolmentToken } from "@/lib/engine/enrolment-tokens/schemas";
import { formatBytes } from "@/lib/format";
import { CreateEnrolmentToken } from "./create-enrolment-token";
import { enrolmentTokensQuery } from "./queries";
import { touches } from "./words";

const STATES: Readonly<Record<EnrolmentToken["state"], { label: string; tone: Tone }>> = {
  open: { label: "open", tone: "ok" },
  used: { label: "used", tone: "neutral" },
  expired: { label: "expired", tone: "neutral" },
  revoked: { label: "revoked", tone: "danger" },
};

/** Tokens that let one core each pair at once, with what became of them. */
export function EnrolmentTokens() {
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<EnrolmentToken | null>(null);
  const may = useMay();
  if (!may(adminContract.listEnrolmentTokens)) return null;
  return (
    <Panel
      flush
      title="Enrolment tokens"
      note="each lets one core pair at once"
      actions={
        <Button size="sm" onClick={() => setCreating(true)}>
          <Plus aria-hidden />
          New token
        </Button>
      }
    >
      <PagedTable
        options={enrolmentTokensQuery()}
        what="the enrolment tokens"
        label="Enrolment tokens"
        columns={columnsOf(setRevoking)}
        rowKey={(token) => token.id}
        empty={
          <EmptyState icon={KeyRound} title="No enrolment token yet">
            A source that shows a token is paired without a person who answers: for many cores, or for one by a script.
          </EmptyState>
        }
      />
      {creating && <CreateEnrolmentToken onClose={() => setCreating(false)} />}
      {revoking && <Revoke token={revoking} onClose={() => setRevoking(null)} />}
    </Panel>
  );
}

function columnsOf(onRevoke: (token: EnrolmentToken) => void): readonly Column<EnrolmentToken>[] {
  return [
    { id: "name", header: "Token", cell: (token) => <span className="font-medium">{token.name}</span> },
    {
      id: "state",
      header: "State",
      cell: (token) => <Badge tone={STATES[token.state].tone}>{STATES[token.state].label}</Badge>,
    },
    { id: "by", header: "Used by", plain: true, cell: (token) => <UsedBy token={token} /> },
    { id: "repository", header: "Repository", cell: (token) => token.repository.name },
    { id: "tenant", header: "Tenant", cell: (token) => token.tenant?.name ?? "a new one" },
    {
      id: "quota",
      header: "Quota per agent",
      align: "right",
      cell: (token) => (token.quotaBytes === null ? "none" : formatBytes(token.quotaBytes)),
    },
    { id: "expires", header: "Expires", cell: (token) => <RelativeTime at={token.expiresAt} /> },
    {
      id: "actions",
      header: "Actions",
      align: "right",
      plain: true,
      cell: (token) =>
        token.state === "open" && (
          <IconButton label={`Revoke ${token.name}`} onClick={() => onRevoke(token)}>
            <Trash2 aria-hidden />
          </IconButton>
        ),
    },
  ];
}

const UsedBy = ({ token }: { token: EnrolmentToken }) =>
  token.usedPairing ? (
    <Link className="underline underline-offset-2" href={`/pairing/${token.usedPairing.id}`}>
      {token.usedPairing.name}
    </Link>
  ) : (
    "–"
  );

function Revoke({ token, onClose }: { token: EnrolmentToken; onClose: () => void }) {
  const revoke = useAction({
    run: () => callAdmin(adminContract.revokeEnrolmentToken, { id: token.id }),
    touches,
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
      <p>A core that comes with it from now on is refused. Cores that are paired already stay paired.</p>
    </Confirm>
  );
}
