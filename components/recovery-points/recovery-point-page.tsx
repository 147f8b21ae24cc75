"use client";

import { useQuery } from "@tanstack/react-query";
import { TriangleAlert } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { Badge } from "@/components/ui/badge";
import { CopyText } from "@/components/ui/copy";
import { Facts } from "@/components/ui/facts";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import type { RecoveryPointDetail } from "@/lib/engine/recovery-points/schemas";
import { formatAbsolute, formatBytes, formatCount } from "@/lib/format";
import { IncompleteBadge, KeepBadges, LostBadge } from "./badges";
import { ImagePanel } from "./image-panel";
import { KeepPanel } from "./keep-panel";
import { recoveryPointQuery } from "./queries";

interface RecoveryPointPageProps {
  id: string;
  /** The captures and restores of its agent. */
  tasks: (agentId: string) => ReactNode;
}

export function RecoveryPointPage({ id, tasks }: RecoveryPointPageProps) {
  const query = useQuery(recoveryPointQuery(id));
  return (
    <>
      {!query.data && <PageHeader title="Recovery point" trail={[{ label: "Agents", href: "/agents" }]} />}
      <QueryView query={query} what="this recovery point">
        {(point) => <PointView point={point} tasks={tasks(point.agentId)} />}
      </QueryView>
    </>
  );
}

function PointView({ point, tasks }: { point: RecoveryPointDetail; tasks: ReactNode }) {
  return (
    <>
      <PageHeader
        title={<span suppressHydrationWarning>{formatAbsolute(new Date(point.createdAt))}</span>}
        trail={[
          { label: "Agents", href: "/agents" },
          { label: point.agentName, href: `/agents/${point.agentId}` },
        ]}
        badges={
          <>
            <LostBadge point={point} />
            <KeepBadges point={point} />
            {point.missingVolumes.length > 0 && <IncompleteBadge point={point} />}
            {point.skippedCount > 0 && (
              <Badge tone="warn" icon={TriangleAlert}>{`${formatCount(point.skippedCount)} skipped`}</Badge>
            )}
          </>
        }
        description={
          <>
            {point.agentName} as it was <RelativeTime at={point.createdAt} />.
          </>
        }
      />
      <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="grid min-w-0 content-start gap-4">
          {point.lost && (
            <Notice kind="danger" title="This recovery point cannot be restored just now">
              {`${point.lost.reason} `}
              Found by a sync of its repository <RelativeTime at={point.lost.at} />. When the files are back, or the
              records are captured or replicated again, the next sync finds it whole.
            </Notice>
          )}
          {point.missingVolumes.length > 0 && (
            <Notice kind="warn" title="This recovery point is not complete">
              {`It was made of the images that had come. Not in it: ${point.missingVolumes.join(", ")}. When the source replicates it again, they are added.`}
            </Notice>
          )}
          {point.images.map((image) => (
            <ImagePanel key={image.id} recoveryPointId={point.id} image={image} />
          ))}
          {point.skipped.length > 0 && <Skipped point={point} />}
        </div>
        <div className="grid min-w-0 content-start gap-4">
          <Panel title="This recovery point">
            <PointFacts point={point} />
          </Panel>
          <KeepPanel point={point} />
          {tasks}
        </div>
      </div>
    </>
  );
}

function PointFacts({ point }: { point: RecoveryPointDetail }) {
  return (
    <Facts
      items={[
        { label: "Number", value: formatCount(point.sequence) },
        {
          label: "Restorable",
          value: (
            <>
              since <RelativeTime at={point.committedAt} />
            </>
          ),
        },
        { label: "Size", value: formatBytes(point.logicalBytes) },
        { label: "New in store", value: formatBytes(point.storedBytes) },
        {
          label: "Repository",
          value: (
            <Link href={`/repositories/${point.repository.id}`} className="underline underline-offset-2">
              {point.repository.name}
            </Link>
          ),
        },
        { label: "Id", value: <CopyText text={point.id} label="recovery point id" /> },
      ]}
    />
  );
}

/** What could not be read: said here, and never in the way of the rest. */
function Skipped({ point }: { point: RecoveryPointDetail }) {
  const rest = point.skippedCount - point.skipped.length;
  return (
    <Panel
      flush
      title="Not captured"
      note={`${formatCount(point.skippedCount)} of its files vanished or could not be read`}
    >
      <ul className="max-h-80 overflow-y-auto">
        {point.skipped.map((file) => (
          <li
            key={file.path}
            className="grid gap-x-4 border-b px-3.5 py-1.5 text-sm last:border-b-0 sm:grid-cols-[minmax(0,1fr)_auto]"
          >
            <span className="break-all font-mono text-xs leading-5">{file.path}</span>
            <span className="text-muted text-xs leading-5">{file.reason}</span>
          </li>
        ))}
      </ul>
      {rest > 0 && <p className="border-t px-3.5 py-2 text-muted text-xs">{`and ${formatCount(rest)} more`}</p>}
    </Panel>
  );
}
