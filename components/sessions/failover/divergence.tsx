"use client";

import { useState } from "react";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { Divergence, SessionDetail } from "@/lib/engine/sessions/schemas";
import { formatAbsolute, formatNumberOf } from "@/lib/format";
import { FlowDialog } from "./flow-dialog";
import { resolve } from "./sentences";
import { type FlowProps, useOrder } from "./use-order";

type Side = "here" | "there";

/** Of each side, so that both and the buttons below them are seen together. */
const POINTS_SHOWN = 12;

/** Both cores were written: their points side by side, below the one that both have, and the choice. */
export function DivergencePanel({ session, divergence }: { session: SessionDetail; divergence: Divergence }) {
  const [keep, setKeep] = useState<Side | null>(null);
  const may = useMay()(adminContract.resolveDivergence);
  const names = { here: "This core", there: session.peer.name };
  return (
    <Panel title="Both cores were written" note="nothing is copied until somebody chooses">
      <div className="grid gap-3.5">
        <Notice kind="danger" live title={`${session.agent.name} has two histories`}>
          Since a failover, each core has recovery points that the other one lacks. Nothing was deleted or overwritten.
          Choose whose points stay; those of the other side are set aside there and can still be restored.
        </Notice>
        <CommonPoint id={divergence.commonPointId} at={divergence.at} />
        <div className="grid gap-3 @xl:grid-cols-2">
          {(["here", "there"] as const).map((side) => (
            <Column
              key={side}
              title={names[side]}
              points={divergence[side]}
              action={
                may && divergence.keep === null ? (
                  <Button
                    onClick={() => setKeep(side)}
                  >{`Keep the points of ${side === "here" ? "this core" : names.there}`}</Button>
                ) : null
              }
            />
          ))}
        </div>
        {divergence.keep && (
          <p className="text-muted text-sm">
            {`Chosen: the points of ${divergence.keep === "here" ? "this core" : names.there} stay. It is done when both cores have heard of it.`}
          </p>
        )}
        {keep && <Choice session={session} keep={keep} open onClose={() => setKeep(null)} />}
      </div>
    </Panel>
  );
}

const CommonPoint = ({ id, at }: { id: string | null; at: string }) => (
  <p className="text-sm">
    {id ? (
      <>
        The newest point that both have: <code className="break-all text-xs">{id}</code>. They have differed since it;
        seen <RelativeTime at={at} />.
      </>
    ) : (
      <>
        They have no recovery point in common. Seen <RelativeTime at={at} />.
      </>
    )}
  </p>
);

function Column({ title, points, action }: { title: string; points: Divergence["here"]; action: React.ReactNode }) {
  const shown = points.points.slice(0, POINTS_SHOWN);
  return (
    <section className="grid content-start gap-2 rounded-md border p-3">
      <h3 className="font-medium text-sm">{title}</h3>
      <p className="text-muted text-xs">
        {points.total === 0
          ? "No points that the other core lacks."
          : `${formatNumberOf(points.total, "recovery point")} that the other core lacks`}
      </p>
      <ol className="grid gap-1 text-sm">
        {shown.map((point) => (
          <li key={point.id} className="flex flex-wrap justify-between gap-x-3">
            <span data-figures>{formatAbsolute(new Date(point.createdAt))}</span>
            <span className="text-muted text-xs">{`no. ${point.sequence}`}</span>
          </li>
        ))}
      </ol>
      {points.total > shown.length && <p className="text-muted text-xs">{`The newest ${shown.length} are listed.`}</p>}
      {action && <div className="mt-1">{action}</div>}
    </section>
  );
}

function Choice({ session, keep, open, onClose }: FlowProps<SessionDetail> & { keep: Side }) {
  const { id, agent, peer } = session;
  const winner = keep === "here" ? "this core" : peer.name;
  const order = useOrder(
    () => callAdmin(adminContract.resolveDivergence, { id, keep }),
    `The points of ${winner} stay; the others are set aside`,
    onClose,
  );
  return (
    <FlowDialog
      open={open}
      onClose={onClose}
      title={`Keep the points of ${winner}`}
      action="Keep these, set the others aside"
      tone="danger"
      typed={agent.name}
      pending={order.isPending}
      error={order.error}
      onConfirm={() => order.mutate(undefined)}
      {...resolve(session, keep)}
    />
  );
}
