"use client";

import { useQuery } from "@tanstack/react-query";
import { Camera } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { useAction } from "@/components/feedback/use-action";
import { AgentQuotas } from "@/components/quotas/agent-quotas";
import { OrphanedImages } from "@/components/recovery-points/orphaned-images";
import { useMay } from "@/components/shell/me";
import { Button } from "@/components/ui/button";
import { type Fact, Facts } from "@/components/ui/facts";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { AgentUsagePanel } from "@/components/usage/agent-usage";
import { callAdmin } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { AgentDetail } from "@/lib/engine/agents/schemas";
import { formatBytes, formatCount } from "@/lib/format";
import { Origin } from "./agent-table";
import { DeleteAgent, DeletionNotice } from "./delete-agent";
import { LabelsPanel } from "./labels-panel";
import { PoliciesPanel } from "./policies-panel";
import { ProtectionPanel } from "./protection-panel";
import { agentQuery } from "./queries";
import { RecoveryPointTable } from "./recovery-point-table";
import { VolumesPanel } from "./volumes-panel";

const TRAIL = [{ label: "Agents", href: "/agents" }] as const;

interface AgentPageProps {
  id: string;
  /** Its captures and restores. */
  tasks: ReactNode;
}

export function AgentPage({ id, tasks }: AgentPageProps) {
  const query = useQuery(agentQuery(id));
  return (
    <>
      {!query.data && <PageHeader title="Agent" trail={TRAIL} />}
      <QueryView query={query} what="this agent">
        {(agent) => <AgentView agent={agent} tasks={tasks} />}
      </QueryView>
    </>
  );
}

function AgentView({ agent, tasks }: { agent: AgentDetail; tasks: ReactNode }) {
  return (
    <>
      <PageHeader
        title={agent.name}
        trail={TRAIL}
        badges={<Origin agent={agent} />}
        actions={
          <>
            <DeleteAgent agent={agent} />
            {agent.source === null && !agent.deletionAskedAt && <CaptureButton agent={agent} />}
          </>
        }
      />
      <DeletionNotice agent={agent} />
      <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="grid min-w-0 content-start gap-4">
          {tasks}
          <RecoveryPointTable agent={agent} />
          <OrphanedImages agentId={agent.id} />
          <AgentUsagePanel agentId={agent.id} name={agent.name} source={agent.source?.coreName ?? null} />
        </div>
        <div className="grid min-w-0 content-start gap-4">
          <Panel title="This agent">
            <Facts items={facts(agent)} />
          </Panel>
          <AgentQuotas agentId={agent.id} />
          <ProtectionPanel agent={agent} />
          <LabelsPanel agent={agent} />
          <PoliciesPanel policies={agent.policies} />
          <VolumesPanel agent={agent} />
        </div>
      </div>
    </>
  );
}

function CaptureButton({ agent }: { agent: AgentDetail }) {
  const may = useMay();
  const capture = useAction({
    run: () => callAdmin(adminContract.startCapture, { agentId: agent.id }),
    touches: [["tasks"], ["overview"]],
    done: () => `The capture of ${agent.name} has started`,
  });
  // Streams are sent from outside: there is nothing here to start.
  const readable = agent.volumes.some((volume) => volume.kind !== "stream");
  if (!readable || !may(adminContract.startCapture)) return null;
  return (
    <Button tone="primary" pending={capture.isPending} onClick={() => capture.mutate(undefined)}>
      {!capture.isPending && <Camera aria-hidden />}
      Capture now
    </Button>
  );
}

function facts(agent: AgentDetail): Fact[] {
  return [
    { label: "Host", value: agent.hostName || "not given" },
    {
      label: "Origin",
      value: agent.parent ? (
        <>
          {agent.kind === "test_copy" ? "test copy of " : "set aside from "}
          <Link href={`/agents/${agent.parent.id}`} className="underline underline-offset-2">
            {agent.parent.name}
          </Link>
        </>
      ) : agent.source ? (
        <Link href={`/pairing/${agent.source.pairingId}`} className="underline underline-offset-2">
          {agent.source.coreName}
        </Link>
      ) : (
        "captured on this core"
      ),
    },
    {
      label: "Repository",
      value: (
        <Link href={`/repositories/${agent.repository.id}`} className="underline underline-offset-2">
          {agent.repository.name}
        </Link>
      ),
    },
    { label: "Points", value: formatCount(agent.recoveryPoints) },
    { label: "Newest", value: agent.newestPointAt ? <RelativeTime at={agent.newestPointAt} /> : "none yet" },
    { label: "Size", value: formatBytes(agent.logicalBytes) },
    { label: "Stored", value: formatBytes(agent.storedBytes) },
    { label: "Since", value: <RelativeTime at={agent.createdAt} /> },
    ...(agent.metadataAt === null ? [] : [{ label: "Metadata", value: <RelativeTime at={agent.metadataAt} /> }]),
  ];
}
