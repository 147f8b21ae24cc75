"use client";

import { Handshake } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { PagedTable } from "@/components/feedback/paged-table";
import { May } from "@/components/shell/may";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import type { Column } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Select } from "@/components/ui/field";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { PairingState, type PairingSummary } from "@/lib/engine/pairing/schemas";
import { formatCount, formatRate } from "@/lib/format";
import { CertificateExpiry } from "./certificate-expiry";
import { OwnAddress } from "./own-address";
import { pairingsQuery } from "./queries";
import { PAIRING_WORDS, personName } from "./words";

const SideBadge = ({ pairing }: { pairing: PairingSummary }) => (
  <Badge tone={pairing.side === "source" ? "copper" : "petrol"}>
    {pairing.side === "source" ? "we send to it" : "it sends to us"}
  </Badge>
);

const PEER_COLUMNS: readonly Column<PairingSummary>[] = [
  { id: "peer", header: "Peer", cell: (pairing) => pairing.peerName || pairing.peerUrl },
  { id: "side", header: "Direction", cell: (pairing) => <SideBadge pairing={pairing} /> },
  { id: "customer", header: "Customer", cell: (pairing) => pairing.customerId || pairing.tenant?.name || "–" },
  {
    id: "agents",
    header: "Agents",
    align: "right",
    cell: (pairing) => formatCount(pairing.wantedAgents.filter((agent) => agent.approved).length),
  },
  {
    id: "cap",
    header: "Rate cap",
    align: "right",
    cell: (pairing) => (pairing.rateCapBytesPerSecond ? formatRate(pairing.rateCapBytesPerSecond) : "none"),
  },
  {
    id: "contact",
    header: "Last contact",
    cell: (pairing) => (pairing.lastContactAt ? <RelativeTime at={pairing.lastContactAt} /> : "never"),
  },
  {
    id: "certificate",
    wide: true,
    header: "Certificate",
    cell: (pairing) => <CertificateExpiry at={pairing.certificateNotAfter} />,
  },
];

const PAST_COLUMNS: readonly Column<PairingSummary>[] = [
  { id: "peer", header: "Core", cell: (pairing) => pairing.peerName || pairing.peerUrl },
  { id: "side", header: "Direction", cell: (pairing) => <SideBadge pairing={pairing} /> },
  { id: "asked", header: "Asked", cell: (pairing) => <RelativeTime at={pairing.requestedAt} /> },
  {
    id: "decided",
    header: "Decided",
    cell: (pairing) => (pairing.decidedAt ? <RelativeTime at={pairing.decidedAt} /> : "–"),
  },
  { id: "by", header: "By", cell: (pairing) => personName(pairing.decidedBy) ?? "–" },
  { id: "message", wide: true, header: "Message", cell: (pairing) => pairing.message || "–" },
];

const SHOWN = PairingState.options.filter((state) => state !== "pending");

/** Who is paired with this core; and, on demand, how older requests ended. */
export function PeersTable() {
  const asked = PairingState.safeParse(useSearchParams().get("state")).data;
  const state = asked && asked !== "pending" ? asked : "established";
  const router = useRouter();
  // The same page with another query: always a route that exists.
  const pathname = usePathname() as Route;
  const filter = (
    <Select
      aria-label="Which pairings"
      className="h-8 w-44 text-xs"
      value={state}
      onChange={(event) =>
        router.replace(
          event.target.value === "established" ? pathname : (`${pathname}?state=${event.target.value}` as Route),
        )
      }
    >
      {SHOWN.map((option) => (
        <option key={option} value={option}>
          {PAIRING_WORDS[option].label}
        </option>
      ))}
    </Select>
  );
  return (
    <Panel flush title={state === "established" ? "Peers" : "Older requests"} actions={filter}>
      <PagedTable
        options={pairingsQuery(state)}
        what="the peers"
        label={state === "established" ? "Peers" : "Older requests"}
        columns={state === "established" ? PEER_COLUMNS : PAST_COLUMNS}
        rowKey={(pairing) => pairing.id}
        href={(pairing) => `/pairing/${pairing.id}`}
        empty={
          state === "established" ? (
            <NoPeers />
          ) : (
            <EmptyState icon={Handshake} title={`None: “${PAIRING_WORDS[state].label}”`} />
          )
        }
      />
    </Panel>
  );
}

const NoPeers = () => (
  <EmptyState
    icon={Handshake}
    title="No peer yet"
    action={
      <May call="sendPairingRequest">
        <Button asChild tone="primary">
          <Link href="/pairing/new">Send a pairing request</Link>
        </Button>
      </May>
    }
  >
    <p>
      To receive from another core, type this address there, under Pairing. Its request appears on this page by itself.
    </p>
    <OwnAddress />
    <p>To send to another core, ask it from here:</p>
  </EmptyState>
);
