"use client";

import { useQuery } from "@tanstack/react-query";
import { ChartLine } from "lucide-react";
import { SubjectAlerts } from "@/components/alerts/subject-alerts";
import { QueryView } from "@/components/feedback/query-view";
import { CopyText } from "@/components/ui/copy";
import { EmptyState } from "@/components/ui/empty-state";
import { Facts, Figures } from "@/components/ui/facts";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { SeriesChart } from "@/components/ui/series-chart";
import { ReplicationsPanel } from "@/components/vault-replications/replications-panel";
import type { RepositoryDetail } from "@/lib/engine/repositories/schemas";
import { formatBytes, formatCount, formatNumberOf } from "@/lib/format";
import { FillMeter, formatFactor } from "./fill";
import { ManageRepository } from "./manage-repository";
import { repositoryQuery } from "./queries";
import { SyncBadges } from "./sync-badges";
import { SyncPanel } from "./sync-panel";

const TRAIL = [{ label: "Repositories", href: "/repositories" }] as const;

export function RepositoryPage({ id }: { id: string }) {
  const query = useQuery(repositoryQuery(id));
  return (
    <>
      <PageHeader
        title={query.data?.name ?? "Repository"}
        trail={TRAIL}
        badges={query.data && <SyncBadges repository={query.data} />}
        actions={query.data && <ManageRepository repository={query.data} />}
      />
      <QueryView query={query} what="this repository">
        {(repository) => <RepositoryView repository={repository} />}
      </QueryView>
    </>
  );
}

function RepositoryView({ repository }: { repository: RepositoryDetail }) {
  return (
    <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <div className="grid min-w-0 content-start gap-4">
        <SubjectAlerts subjectId={repository.id} />
        {!repository.reachable && (
          <Notice kind="danger" title="The folder cannot be reached just now">
            Captures and runs that need it pause, and go on by themselves when it is back. Look whether the disk is
            mounted at <span className="break-all font-mono text-xs">{repository.path}</span>.
          </Notice>
        )}
        <Figures
          items={[
            { label: "Stored", value: formatBytes(repository.storedBytes) },
            { label: "Before deduplication", value: formatBytes(repository.logicalBytes) },
            { label: "Saving", value: formatFactor(repository.dedupFactor) },
            { label: "Records", value: formatCount(repository.records) },
            { label: "Recovery points", value: formatCount(repository.recoveryPoints) },
            { label: "Agents", value: formatCount(repository.agents) },
          ]}
        />
        {repository.lostPoints > 0 && (
          <Notice
            kind="danger"
            title={`${formatNumberOf(repository.lostPoints, "recovery point")} cannot be restored just now`}
          >
            Files in the folder are missing or damaged. Bring them back and sync again, or capture or replicate anew:
            what came back is found by itself.
          </Notice>
        )}
        <SyncPanel repository={repository} />
        <ReplicationsPanel repositoryId={repository.id} name={repository.name} />
        <Usage repository={repository} />
      </div>
      <div className="grid min-w-0 content-start gap-4">
        <Panel title="Disk">
          <FillMeter disk={repository} />
        </Panel>
        <Panel title="This repository">
          <Facts
            items={[
              ...(repository.path === ""
                ? []
                : [
                    { label: "Folder", value: <CopyText text={repository.path} label="folder" /> },
                    { label: "Disk size", value: formatBytes(repository.totalBytes) },
                  ]),
              { label: "Since", value: <RelativeTime at={repository.createdAt} /> },
              { label: "Last sync", value: repository.syncedAt ? <RelativeTime at={repository.syncedAt} /> : "never" },
              { label: "Id", value: <CopyText text={repository.id} label="repository id" /> },
            ]}
          />
        </Panel>
      </div>
    </div>
  );
}

function Usage({ repository }: { repository: RepositoryDetail }) {
  return (
    <Panel title="Usage over time">
      {repository.samples.length === 0 ? (
        <EmptyState icon={ChartLine} title="Not measured yet">
          Usage is measured regularly and after every recovery point.
        </EmptyState>
      ) : (
        <SeriesChart
          summary={`Bytes stored in ${repository.name} over time, and the same before deduplication.`}
          points={repository.samples}
          series={[
            { key: "storedBytes", label: "Stored" },
            { key: "logicalBytes", label: "Before deduplication", dashed: true },
          ]}
        />
      )}
    </Panel>
  );
}
