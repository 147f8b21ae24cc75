"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { SubjectAlerts } from "@/components/alerts/subject-alerts";
import { QueryView } from "@/components/feedback/query-view";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { CopyText } from "@/components/ui/copy";
import { type Column, DataTable } from "@/components/ui/data-table";
import { type Fact, Facts } from "@/components/ui/facts";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { ReportedRepositoriesPanel } from "@/components/usage/reported-repositories";
import type { PairingSummary, WantedAgent } from "@/lib/engine/pairing/schemas";
import { formatBytes } from "@/lib/format";
import { AcceptLaterForm } from "./accept-later-form";
import { AgentAnswer } from "./agent-answer";
import { AgentRequestCard } from "./agent-request-card";
import { answersOf } from "./agent-words";
import { AskAgents } from "./ask-agents";
import { CertificateExpiry } from "./certificate-expiry";
import { EndPairing } from "./end-pairing";
import { PeerCertificates } from "./peer-certificates";
import { PointDeletion } from "./point-deletion";
import { pairingQuery } from "./queries";
import { RateCapForm } from "./rate-cap-form";
import { RequestCard } from "./request-card";
import { SuspendPeer } from "./suspend-peer";
import { WaitingCard } from "./waiting-card";
import { PAIRING_WORDS, personName, WAY_WORDS } from "./words";

const TRAIL = [{ label: "Pairing", href: "/pairing" }];

/** One pairing, in whatever state: a request to answer, one that waits, a peer, or how it ended. */
export function PairingPage({ id }: { id: string }) {
  const query = useQuery(pairingQuery(id));
  return (
    <>
      {!query.data && <PageHeader title="Pairing" trail={TRAIL} />}
      <QueryView query={query} what="this pairing">
        {(pairing) => <PairingView pairing={pairing} />}
      </QueryView>
    </>
  );
}

function PairingView({ pairing }: { pairing: PairingSummary }) {
  const word = PAIRING_WORDS[pairing.state];
  const established = pairing.state === "established";
  return (
    <>
      <PageHeader
        title={pairing.peerName || pairing.peerUrl}
        trail={TRAIL}
        badges={
          <Badge tone={word.tone} icon={word.icon}>
            {word.label}
          </Badge>
        }
        actions={established && <EndPairing pairing={pairing} />}
      />
      {pairing.state === "pending" ? (
        pairing.side === "target" ? (
          <RequestCard request={pairing} />
        ) : (
          <WaitingCard request={pairing} />
        )
      ) : (
        <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
          <div className="grid min-w-0 content-start gap-4">
            <SubjectAlerts subjectId={pairing.id} />
            {!established && <HowItEnded pairing={pairing} />}
            {established && pairing.side === "target" && <AgentRequestCard pairing={pairing} />}
            <Panel flush title="Agents" actions={<AskAgents pairing={pairing} />}>
              <DataTable
                label="Agents of this pairing"
                rows={answersOf(pairing)}
                columns={AGENT_COLUMNS}
                rowKey={(agent) => agent.agentId}
              />
            </Panel>
            {pairing.side === "target" && <ReportedRepositoriesPanel pairingId={pairing.id} />}
          </div>
          <div className="grid min-w-0 content-start gap-4">
            <Panel title="Peer">
              <Facts items={facts(pairing)} />
            </Panel>
            {established && <PeerCertificates certificates={pairing.certificates} />}
            {established && <SuspendPeer pairingId={pairing.id} />}
            {established && pairing.side === "target" && (
              <Panel title="Later agents">
                <AcceptLaterForm pairing={pairing} />
              </Panel>
            )}
            {established && (
              <Panel title="Rate cap">
                <RateCapForm pairingId={pairing.id} capBytesPerSecond={pairing.rateCapBytesPerSecond} />
              </Panel>
            )}
          </div>
        </div>
      )}
    </>
  );
}

const AGENT_COLUMNS: readonly Column<WantedAgent>[] = [
  { id: "name", header: "Agent", cell: (agent) => <span className="font-medium">{agent.name}</span> },
  { id: "size", header: "Size when asked", align: "right", cell: (agent) => formatBytes(agent.sizeBytes) },
  {
    id: "approved",
    header: "Answer",
    cell: (agent) => <AgentAnswer agent={agent} />,
  },
  { id: "repository", header: "Repository", cell: (agent) => agent.repository?.name ?? "–" },
  {
    id: "quota",
    header: "Quota",
    align: "right",
    cell: (agent) => (agent.quotaBytes ? formatBytes(agent.quotaBytes) : "none"),
  },
];

function HowItEnded({ pairing }: { pairing: PairingSummary }) {
  const refused = pairing.state === "denied" || pairing.state === "blocked";
  return (
    <Notice
      kind={refused ? "danger" : "info"}
      title={PAIRING_WORDS[pairing.state].label}
      actions={
        pairing.side === "source" && (
          <Button asChild size="sm">
            <Link
              href={pairing.peerUrl ? `/pairing/new?target=${encodeURIComponent(pairing.peerUrl)}` : "/pairing/new"}
            >
              Ask again
            </Link>
          </Button>
        )
      }
    >
      {pairing.message && <p>{`“${pairing.message}”`}</p>}
      {pairing.pointDeletion && <PointDeletion pairing={pairing} deletion={pairing.pointDeletion} />}
      <p className="text-muted">
        {pairing.decidedAt && <RelativeTime at={pairing.decidedAt} />}
        {pairing.decidedBy && ` by ${personName(pairing.decidedBy)}`}
      </p>
    </Notice>
  );
}

function facts(pairing: PairingSummary): Fact[] {
  const time = (at: string | null) => (at ? <RelativeTime at={at} /> : "never");
  const all: (Fact | false)[] = [
    { label: "Direction", value: pairing.side === "source" ? "we send to it" : "it sends to us" },
    pairing.peerUrl !== null && { label: "Address", value: pairing.peerUrl },
    pairing.peerAddress !== null && { label: "Came from", value: pairing.peerAddress },
    pairing.peerVersion !== null && { label: "Version", value: pairing.peerVersion },
    {
      label: "Came about",
      value: pairing.enrolmentToken
        ? `${WAY_WORDS[pairing.way]}: ${pairing.enrolmentToken.name}`
        : WAY_WORDS[pairing.way],
    },
    {
      label: "Protocol",
      value: pairing.protocol.isSpoken ? (
        (pairing.protocol.version ?? "of the original contract")
      ) : (
        <Badge tone="danger">{`${pairing.protocol.version}, not spoken here`}</Badge>
      ),
    },
    { label: "Contact", value: pairing.contactEmail || "not given" },
    { label: "Customer", value: pairing.customerId || "not given" },
    pairing.tenant !== null && { label: "Tenant", value: pairing.tenant.name },
    { label: "Last contact", value: time(pairing.lastContactAt) },
    { label: "Certificate", value: <CertificateExpiry at={pairing.certificateNotAfter} /> },
    { label: "Asked", value: time(pairing.requestedAt) },
    pairing.decidedAt !== null && {
      label: "Decided",
      value: (
        <>
          <RelativeTime at={pairing.decidedAt} />
          {pairing.decidedBy && ` by ${personName(pairing.decidedBy)}`}
        </>
      ),
    },
    pairing.verificationCode !== "" && {
      label: "Code",
      value: <span className="font-mono">{pairing.verificationCode}</span>,
    },
    { label: "Key", value: <CopyText text={pairing.keyFingerprint} label="key fingerprint" /> },
  ];
  return all.filter((fact) => fact !== false);
}
