"use client";

import { Plus, Search, Server } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useEffect, useState } from "react";
import { PagedTable } from "@/components/feedback/paged-table";
import { May } from "@/components/shell/may";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import type { Column } from "@/components/ui/data-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Input, Select } from "@/components/ui/field";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import type { AgentSummary } from "@/lib/engine/agents/schemas";
import { formatBytes, formatCount } from "@/lib/format";
import { agentsQuery } from "./queries";

const COLUMNS: readonly Column<AgentSummary>[] = [
  {
    id: "name",
    header: "Agent",
    cell: (agent) => (
      <>
        {agent.name}
        {agent.hostName && agent.hostName !== agent.name && (
          <span className="ml-2 font-normal text-muted text-xs">{agent.hostName}</span>
        )}
      </>
    ),
  },
  {
    id: "origin",
    header: "Origin",
    cell: (agent) => (agent.deletionAskedAt ? <Badge tone="warn">being deleted</Badge> : <Origin agent={agent} />),
  },
  { id: "points", header: "Recovery points", align: "right", cell: (agent) => formatCount(agent.recoveryPoints) },
  {
    id: "newest",
    header: "Newest",
    cell: (agent) => (agent.newestPointAt ? <RelativeTime at={agent.newestPointAt} /> : "none yet"),
  },
  { id: "size", header: "Size", align: "right", cell: (agent) => formatBytes(agent.logicalBytes) },
  { id: "stored", header: "Stored", align: "right", cell: (agent) => formatBytes(agent.storedBytes) },
  { id: "repository", header: "Repository", cell: (agent) => agent.repository.name },
];

/** Captured on this core, or by which peer it comes; or whose copy it is. */
export const Origin = ({ agent }: { agent: Pick<AgentSummary, "source" | "kind" | "parent"> }) => {
  if (agent.kind === "test_copy")
    return (
      <Badge tone="warn" title={agent.parent ? `of ${agent.parent.name}` : undefined}>
        test copy
      </Badge>
    );
  if (agent.kind === "set_aside")
    return (
      <Badge tone="neutral" title={agent.parent ? `from ${agent.parent.name}` : undefined}>
        set aside
      </Badge>
    );
  if (agent.source) return <Badge tone="petrol">{`from ${agent.source.coreName}`}</Badge>;
  return <Badge tone="copper">this core</Badge>;
};

const ORIGINS = ["local", "replicated"] as const;
/** Long enough that a word is typed, short enough that it feels at once. */
const TYPING_MS = 250;

export function AgentTable() {
  const parameters = useSearchParams();
  const search = parameters.get("search") ?? undefined;
  const origin = ORIGINS.find((one) => one === parameters.get("origin"));
  const filtered = search !== undefined || origin !== undefined;
  return (
    <Panel flush title="All agents" actions={<Filters search={search ?? ""} origin={origin} />}>
      <PagedTable
        options={agentsQuery({ search, origin })}
        what="the agents"
        label="Agents"
        columns={COLUMNS}
        rowKey={(agent) => agent.id}
        href={(agent) => `/agents/${agent.id}`}
        empty={filtered ? <EmptyState icon={Search} title="No agent fits" /> : <NoAgents />}
      />
    </Panel>
  );
}

function Filters({ search, origin }: { search: string; origin?: "local" | "replicated" }) {
  const router = useRouter();
  const pathname = usePathname();
  const [text, setText] = useState(search);
  useEffect(() => {
    if (text === search) return;
    const timer = setTimeout(() => go(text, origin), TYPING_MS);
    return () => clearTimeout(timer);
  });
  const go = (nextText: string, nextOrigin?: string) => {
    const query = new URLSearchParams();
    if (nextText.trim()) query.set("search", nextText.trim());
    if (nextOrigin) query.set("origin", nextOrigin);
    // The same page with another query: always a route that exists.
    router.replace((query.size > 0 ? `${pathname}?${query}` : pathname) as Route, { scroll: false });
  };
  return (
    <>
      <Input
        type="search"
        aria-label="Search agents"
        placeholder="Search name or host"
        className="h-8 w-48 text-xs"
        maxLength={200}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Select
        aria-label="Origin"
        className="h-8 w-36 text-xs"
        value={origin ?? ""}
        onChange={(event) => go(text, event.target.value)}
      >
        <option value="">Any origin</option>
        <option value="local">This core</option>
        <option value="replicated">Replicated here</option>
      </Select>
    </>
  );
}

const NoAgents = () => (
  <EmptyState
    icon={Server}
    title="Nothing is protected yet"
    action={
      <May call="createAgent">
        <Button asChild tone="primary">
          <Link href="/agents/new">
            <Plus aria-hidden />
            Protect something
          </Link>
        </Button>
      </May>
    }
  >
    An agent is a machine, or a part of one: folders, disk images, or whatever a script sends here. Agents of paired
    cores appear by themselves.
  </EmptyState>
);
