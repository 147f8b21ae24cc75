"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Checkbox } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { SizeInput } from "@/components/ui/size-input";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { PairingSummary } from "@/lib/engine/pairing/schemas";
import type { RepositorySummary } from "@/lib/engine/repositories/schemas";
import { formatBytes } from "@/lib/format";
import { AcceptLaterChoice } from "./accept-later-form";
import { ApprovalAgent } from "./approval-agent";
import { type Choices, consequence, firstChoices, roomiest, takenOf, tooSmall } from "./approval-choice";
import { Comparison } from "./comparison";
import { repositoryChoicesQuery, tenantChoicesQuery } from "./queries";
import { proposedTenant, TenantChoice, type TenantPick, wrongWith } from "./tenant-choice";
import { touches } from "./words";

interface ApprovalSheetProps {
  request: PairingSummary;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Approving is a small form; nothing is let in before the core has confirmed it. */
export function ApprovalSheet({ request, open, onOpenChange }: ApprovalSheetProps) {
  const repositories = useQuery({ ...repositoryChoicesQuery(), enabled: open });
  if (!open) return null;
  return repositories.data && repositories.data.items.length > 0 ? (
    <ApprovalForm request={request} repositories={repositories.data.items} onOpenChange={onOpenChange} />
  ) : (
    <Dialog open variant="sheet" wide onOpenChange={onOpenChange} title={`Approve ${request.peerName}`}>
      <QueryView query={repositories} what="the repositories">
        {() => <NoRepository />}
      </QueryView>
    </Dialog>
  );
}

const NoRepository = () => (
  <Notice kind="warn" title="There is no repository yet" actions={<CreateLink />}>
    What is replicated here needs a place to lie. Make a repository, then come back: the request waits.
  </Notice>
);

const CreateLink = () => (
  <Button asChild size="sm">
    <Link href="/repositories">Make a repository</Link>
  </Button>
);

interface ApprovalFormProps {
  request: PairingSummary;
  repositories: readonly RepositorySummary[];
  onOpenChange: (open: boolean) => void;
}

function ApprovalForm({ request, repositories, onOpenChange }: ApprovalFormProps) {
  const [choices, setChoices] = useState<Choices>(() => firstChoices(request, roomiest(repositories)));
  const [rateCap, setRateCap] = useState<number | null>(null);
  const [acceptId, setAcceptId] = useState("");
  const [picked, setPicked] = useState<TenantPick | null>(null);
  const tenants = useQuery(tenantChoicesQuery()).data?.items ?? [];
  const tenant = picked ?? proposedTenant(request, tenants);
  const [compared, setCompared] = useState(false);
  const [asked, setAsked] = useState(false);
  const taken = takenOf(request, choices);
  const approve = useAction({
    run: () =>
      callAdmin(adminContract.approvePairing, {
        id: request.id,
        ...tenant,
        rateCapBytesPerSecond: rateCap,
        acceptRepositoryId: acceptId || undefined,
        comparedFingerprint: request.certificateFingerprint ?? undefined,
        agents: taken.map(({ agentId }) => ({
          agentId,
          repositoryId: choices[agentId]?.repositoryId ?? "",
          quotaBytes: choices[agentId]?.quotaBytes ?? null,
        })),
      }),
    touches,
    done: () => `${request.peerName} is paired. Replication starts by itself.`,
    onDone: () => onOpenChange(false),
    onWaiting: () => onOpenChange(false),
    quiet: true,
  });
  const submit = () => {
    setAsked(true);
    if (compared && taken.length > 0 && wrongWith(tenant, tenants) === null) approve.mutate(undefined);
  };
  return (
    <Dialog
      open
      variant="sheet"
      wide
      onOpenChange={onOpenChange}
      title={`Approve ${request.peerName}`}
      description={[request.customerId, request.contactEmail, request.peerAddress].filter(Boolean).join(" · ")}
      footer={
        <Footer pending={approve.isPending} onCancel={() => onOpenChange(false)} onApprove={submit}>
          {consequence(taken, request.wantedAgents.length, rateCap)}
        </Footer>
      }
    >
      <div className="grid gap-4">
        <Compared request={request} compared={compared} onCompared={setCompared} asked={asked} />
        <TenantChoice request={request} value={picked} onChange={setPicked} asked={asked} />
        <section aria-label="Agents">
          <ul className="rounded-md border">
            {request.wantedAgents.map((agent) => (
              <ApprovalAgent
                key={agent.agentId}
                agent={agent}
                repositories={repositories}
                choice={choices[agent.agentId] ?? { taken: false, repositoryId: "", quotaBytes: null }}
                onChange={(choice) => setChoices({ ...choices, [agent.agentId]: choice })}
              />
            ))}
          </ul>
        </section>
        <SizeInput
          label="Rate cap of this peer"
          hint="Can be changed at any time, also while a run goes on."
          value={rateCap}
          onChange={setRateCap}
          units={["MiB", "KiB", "GiB"]}
          per="/s"
          className="sm:max-w-72"
        />
        <AcceptLaterChoice repositories={repositories} value={acceptId} onChange={setAcceptId} />
        {tooSmall(request, choices, repositories).map(({ repository, neededBytes }) => (
          <Notice key={repository.id} kind="warn">
            {`${repository.name} has ${formatBytes(repository.freeBytes)} free, and ${formatBytes(neededBytes)} may arrive before deduplication. A run that fills it pauses and goes on when there is room.`}
          </Notice>
        ))}
        {approve.error && (
          <Notice kind="danger" live title="Not approved">
            {approve.error.message}
          </Notice>
        )}
      </div>
    </Dialog>
  );
}

interface ComparedProps {
  request: PairingSummary;
  compared: boolean;
  onCompared: (compared: boolean) => void;
  asked: boolean;
}

const Compared = ({ request, compared, onCompared, asked }: ComparedProps) => (
  <div className="grid gap-2">
    <Comparison request={request}>
      Ask {request.contactEmail || "the other side"} to read out the one on their screen.
    </Comparison>
    <Checkbox
      checked={compared}
      onChange={(event) => onCompared(event.target.checked)}
      label={
        request.certificateFingerprint ? "The other side has this certificate" : "The other side sees the same code"
      }
      aria-invalid={asked && !compared}
    />
    {asked && !compared && (
      <Notice kind="warn" live>
        Compare the {request.certificateFingerprint ? "fingerprint" : "code"} first: it is what tells this core from
        someone who stands between the two.
      </Notice>
    )}
  </div>
);

interface FooterProps {
  pending: boolean;
  onCancel: () => void;
  onApprove: () => void;
  children: ReactNode;
}

const Footer = ({ pending, onCancel, onApprove, children }: FooterProps) => (
  <div className="flex flex-wrap items-center gap-x-4 gap-y-2.5">
    <p className="min-w-0 flex-1 basis-56 text-sm" aria-live="polite">
      {children}
    </p>
    <div className="flex gap-2 max-sm:w-full max-sm:*:flex-1">
      <Button onClick={onCancel}>Cancel</Button>
      <Button tone="primary" pending={pending} onClick={onApprove}>
        Approve
      </Button>
    </div>
  </div>
);
