"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { PairingSummary } from "@/lib/engine/pairing/schemas";
import type { RepositorySummary } from "@/lib/engine/repositories/schemas";
import { formatBytes } from "@/lib/format";
import { openAgents } from "./agent-words";
import { ApprovalAgent } from "./approval-agent";
import { type Choices, consequence, firstChoices, roomiest, takenOf, tooSmall } from "./approval-choice";
import { repositoryChoicesQuery } from "./queries";
import { touches } from "./words";

interface ApproveAgentsProps {
  pairing: PairingSummary;
  onClose: () => void;
}

/** Where each agent goes and how much it may occupy; those left out go on waiting. */
export function ApproveAgents({ pairing, onClose }: ApproveAgentsProps) {
  const repositories = useQuery(repositoryChoicesQuery());
  if (repositories.data && repositories.data.items.length > 0)
    return <ApproveForm pairing={pairing} repositories={repositories.data.items} onClose={onClose} />;
  return (
    <Dialog open variant="sheet" wide onOpenChange={onClose} title={titleOf(pairing)}>
      <QueryView query={repositories} what="the repositories">
        {() => (
          <Notice
            kind="warn"
            title="There is no repository yet"
            actions={
              <Button asChild size="sm">
                <Link href="/repositories">Make a repository</Link>
              </Button>
            }
          >
            What is replicated here needs a place to lie. Make a repository, then come back: the agents wait.
          </Notice>
        )}
      </QueryView>
    </Dialog>
  );
}

const titleOf = (pairing: PairingSummary) => `Take agents of ${pairing.peerName}`;

function ApproveForm({
  pairing,
  repositories,
  onClose,
}: ApproveAgentsProps & { repositories: readonly RepositorySummary[] }) {
  // As they were when the form was opened: what comes meanwhile is answered next time.
  const [request] = useState(() => ({ ...pairing, wantedAgents: openAgents(pairing) }));
  const [choices, setChoices] = useState<Choices>(() => firstChoices(request, roomiest(repositories)));
  const taken = takenOf(request, choices);
  const approve = useAction({
    run: () =>
      callAdmin(adminContract.approveAgents, {
        id: pairing.id,
        agents: taken.map(({ agentId }) => ({
          agentId,
          repositoryId: choices[agentId]?.repositoryId ?? "",
          quotaBytes: choices[agentId]?.quotaBytes ?? null,
        })),
      }),
    touches,
    done: () => `The agents of ${pairing.peerName} are taken. Replication starts by itself.`,
    onDone: onClose,
    onWaiting: onClose,
    quiet: true,
  });
  const footer = (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2.5">
      <p className="min-w-0 flex-1 basis-56 text-sm" aria-live="polite">
        {consequence(taken, request.wantedAgents.length, pairing.rateCapBytesPerSecond)}
      </p>
      <div className="flex gap-2 max-sm:w-full max-sm:*:flex-1">
        <Button onClick={onClose}>Cancel</Button>
        <Button
          tone="primary"
          pending={approve.isPending}
          onClick={() => taken.length > 0 && approve.mutate(undefined)}
        >
          Approve
        </Button>
      </div>
    </div>
  );
  return (
    <Dialog
      open
      variant="sheet"
      wide
      onOpenChange={onClose}
      title={titleOf(pairing)}
      description={`They join tenant ${pairing.tenant?.name ?? "of this pairing"}. Those left out go on waiting.`}
      footer={footer}
    >
      <div className="grid gap-4">
        <ul className="rounded-md border" aria-label="Agents">
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
