"use client";

import { useQuery } from "@tanstack/react-query";
import { HardDrive } from "lucide-react";
import { QueryView } from "@/components/feedback/query-view";
import { Dialog } from "@/components/ui/dialog";
import { EmptyState } from "@/components/ui/empty-state";
import type { SessionSummary } from "@/lib/engine/sessions/schemas";
import { CreateDriveForm, type Target } from "./create-drive-form";
import { FourSteps } from "./four-steps";
import { carriedChoicesQuery } from "./queries";

/** Exports recovery points to a drive, after saying what will be done with it. */
export function CreateDrive({ onClose }: { onClose: () => void }) {
  const query = useQuery(carriedChoicesQuery());
  return (
    <Dialog open wide variant="sheet" onOpenChange={(open) => !open && onClose()} title="New seed drive">
      <div className="@container grid gap-4">
        <FourSteps />
        <QueryView query={query} what="what is replicated from here">
          {({ items }) => {
            const targets = targetsOf(items);
            return targets.length === 0 ? (
              <EmptyState icon={HardDrive} title="Nothing to carry yet">
                A seed drive carries recovery points of agents that this core replicates to a target. Pair with a target
                first; the drive can then overtake the first replication.
              </EmptyState>
            ) : (
              <CreateDriveForm targets={targets} onClose={onClose} />
            );
          }}
        </QueryView>
      </div>
    </Dialog>
  );
}

function targetsOf(sessions: readonly SessionSummary[]): Target[] {
  const targets = new Map<string, Target>();
  for (const { side, state, peer, agent, pendingPoints } of sessions) {
    if (side !== "source" || state === "ended") continue;
    const target = targets.get(peer.pairingId) ?? { pairingId: peer.pairingId, name: peer.name, agents: [] };
    target.agents.push({ id: agent.id, name: agent.name, pendingPoints });
    targets.set(peer.pairingId, target);
  }
  return [...targets.values()];
}
