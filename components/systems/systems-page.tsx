"use client";

import { ArrowRight } from "lucide-react";
import Link from "next/link";
import { type ReactNode, useState } from "react";
import { Pager } from "@/components/feedback/pager";
import { QueryError } from "@/components/feedback/query-error";
import { usePaged } from "@/components/feedback/use-paged";
import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/field";
import { PageHeader } from "@/components/ui/page-header";
import { Skeleton } from "@/components/ui/skeleton";
import type { System } from "@/lib/engine/systems/schemas";
import { systemsQuery } from "./queries";
import { SystemCard } from "./system-card";

/** Which way the data goes: sources at the left, this core, targets at the right; one below the other on a phone. */
export function SystemsPage() {
  const [includeRejected, setIncludeRejected] = useState(false);
  const { query, rows, total } = usePaged(systemsQuery({ includeRejected }));
  const of = (role: System["role"]) => rows.filter((system) => system.role === role);
  return (
    <>
      <PageHeader
        title="Systems"
        description="The cores that this one knows, and which way recovery points go between them."
        actions={
          <Checkbox
            label="Refused ones too"
            checked={includeRejected}
            onChange={(event) => setIncludeRejected(event.target.checked)}
          />
        }
      />
      {query.error && <QueryError error={query.error} what="the systems" onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton className="h-60" />}
      {query.data && (
        <div className="grid items-start gap-x-3 gap-y-5 lg:grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)_auto_minmax(0,1fr)]">
          <Side title="Sources" systems={of("source")} none={<NoSources />} />
          <Arrow />
          <Side title="This core" systems={of("self")} none={null} />
          <Arrow />
          <Side title="Targets" systems={of("target")} none={<NoTargets />} />
        </div>
      )}
      {query.hasNextPage && (
        <Pager
          shown={rows.length}
          total={total}
          hasMore
          pending={query.isFetchingNextPage}
          onMore={() => void query.fetchNextPage()}
        />
      )}
    </>
  );
}

function Side({ title, systems, none }: { title: string; systems: readonly System[]; none: ReactNode }) {
  return (
    <section aria-label={title} className="grid min-w-0 content-start gap-2.5">
      <h2 className="font-semibold text-muted text-sm">{title}</h2>
      {systems.length === 0 ? none : systems.map((system) => <SystemCard key={system.id} system={system} />)}
    </section>
  );
}

const Arrow = () => (
  <ArrowRight className="mt-14 size-5 justify-self-center text-muted max-lg:mt-0 max-lg:rotate-90" aria-hidden />
);

const NoSources = () => (
  <p className="rounded-lg border border-dashed p-3.5 text-muted text-sm">
    No core sends to this one. One that wants to sends a request, which appears under{" "}
    <Link href="/pairing" className="underline underline-offset-2">
      Pairing
    </Link>
    .
  </p>
);

const NoTargets = () => (
  <div className="grid justify-items-start gap-2.5 rounded-lg border border-dashed p-3.5 text-muted text-sm">
    <p>This core sends to no other one: its recovery points lie here alone.</p>
    <Button asChild size="sm">
      <Link href="/pairing/new">Send a pairing request</Link>
    </Button>
  </div>
);
