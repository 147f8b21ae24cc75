"use client";

import { useQuery } from "@tanstack/react-query";
import { Pause, Play } from "lucide-react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { May } from "@/components/shell/may";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/panel";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { PeerStanding } from "@/lib/engine/pairing/schemas";
import { formatCount } from "@/lib/format";
import { standingQuery } from "./queries";

/** Pauses everything with one peer, and goes on with it. */
export function SuspendPeer({ pairingId }: { pairingId: string }) {
  const query = useQuery(standingQuery(pairingId));
  return (
    <Panel title="All sessions">
      <QueryView query={query} what="the sessions">
        {(peer) => (
          <div className="grid gap-3">
            <p className="text-sm">{inWords(peer)}</p>
            <May call="suspendPairing">
              <Actions peer={peer} />
            </May>
          </div>
        )}
      </QueryView>
    </Panel>
  );
}

function Actions({ peer }: { peer: PeerStanding }) {
  const touches = [["pairings"], ["sessions"], ["overview"]] as const;
  const suspend = useAction({
    run: () => callAdmin(adminContract.suspendPairing, { id: peer.id }),
    touches,
    done: ({ sessions }) => `${formatCount(sessions)} sessions with ${peer.name} are paused`,
  });
  const resume = useAction({
    run: () => callAdmin(adminContract.resumePairing, { id: peer.id }),
    touches,
    done: ({ sessions }) => `${formatCount(sessions)} sessions with ${peer.name} go on`,
  });
  const paused = peer.pausedHere + peer.pausedThere;
  return (
    <div className="flex flex-wrap gap-2">
      {paused < peer.sessions && (
        <Button size="sm" pending={suspend.isPending} onClick={() => suspend.mutate(undefined)}>
          <Pause aria-hidden />
          Pause all
        </Button>
      )}
      {paused > 0 && (
        <Button size="sm" pending={resume.isPending} onClick={() => resume.mutate(undefined)}>
          <Play aria-hidden />
          Resume all
        </Button>
      )}
    </div>
  );
}

function inWords({ sessions, pausedHere, pausedThere, running }: PeerStanding): string {
  if (sessions === 0) return "No session with this peer.";
  const parts = [`${formatCount(sessions)} ${sessions === 1 ? "session" : "sessions"}`];
  if (running > 0) parts.push(`${formatCount(running)} running`);
  if (pausedHere > 0) parts.push(`${formatCount(pausedHere)} paused here`);
  if (pausedThere > 0) parts.push(`${formatCount(pausedThere)} paused on the other core`);
  return `${parts.join(", ")}.`;
}
