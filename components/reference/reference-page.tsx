"use client";

import { useQuery } from "@tanstack/react-query";
import { FileJson, SearchX } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { useDeferredValue, useState } from "react";
import { QueryView } from "@/components/feedback/query-view";
import { cn } from "@/components/ui/cn";
import { EmptyState } from "@/components/ui/empty-state";
import { Input } from "@/components/ui/field";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { formatCount } from "@/lib/format";
import { OperationItem } from "./operation-item";
import { type OpenApi, type Operation, openApiQuery } from "./queries";
import { SURFACE_TABS, type SurfaceName } from "./surfaces";

/** Every operation of an API, from the document that its own table makes. */
export function ReferencePage({ surface }: { surface: SurfaceName }) {
  const query = useQuery(openApiQuery(surface));
  const [search, setSearch] = useState("");
  return (
    <>
      <PageHeader
        title="API reference"
        description={query.data?.info.description}
        actions={
          <a
            className="inline-flex items-center gap-1.5 text-petrol text-sm hover:underline"
            href={`/api/v1/openapi/${surface}`}
          >
            <FileJson className="size-4" aria-hidden />
            OpenAPI document
          </a>
        }
      />
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <SurfaceTabs current={surface} />
        <Input
          type="search"
          aria-label="Find an operation"
          placeholder="Find by name, address or what it does"
          className="min-w-0 flex-1 basis-56"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
      </div>
      <QueryView query={query} what="the reference">
        {(document) => <Operations document={document} search={search} />}
      </QueryView>
    </>
  );
}

function SurfaceTabs({ current }: { current: SurfaceName }) {
  return (
    <nav aria-label="APIs" className="flex max-w-full flex-wrap rounded-md border bg-surface p-0.5">
      {SURFACE_TABS.map(({ surface, label }) => (
        <Link
          key={surface}
          href={`/reference/${surface}` as Route}
          aria-current={surface === current ? "page" : undefined}
          className={cn(
            "rounded px-3 py-1.5 text-sm touch:py-2.5",
            surface === current ? "bg-petrol-soft font-medium text-petrol" : "text-muted hover:bg-hover hover:text-ink",
          )}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}

export interface Listed {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

function Operations({ document, search }: { document: OpenApi; search: string }) {
  const wanted = useDeferredValue(search.trim().toLowerCase());
  const all = listed(document);
  const found = all.filter(({ method, path, operation }) =>
    `${method} ${path} ${operation.operationId} ${operation.summary}`.toLowerCase().includes(wanted),
  );
  const base = document.servers[0]?.url ?? "";
  return (
    <>
      <p className="mb-2 text-muted text-xs" aria-live="polite">
        {wanted === ""
          ? `${formatCount(all.length)} operations below ${base}`
          : `${formatCount(found.length)} of ${formatCount(all.length)} operations`}
      </p>
      {found.length === 0 && (
        <Panel>
          <EmptyState icon={SearchX} title="Nothing is called that">
            Search for a part of a name, as “recovery”, or of an address, as “rps”.
          </EmptyState>
        </Panel>
      )}
      <div className="grid gap-4">
        {groups(found).map(([group, operations]) => (
          <Panel key={group} flush title={group} note={formatCount(operations.length)}>
            <ul>
              {operations.map((each) => (
                <OperationItem key={each.operation.operationId} {...each} base={base} />
              ))}
            </ul>
          </Panel>
        ))}
      </div>
    </>
  );
}

const listed = (document: OpenApi): Listed[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );

function groups(operations: readonly Listed[]): [string, Listed[]][] {
  const byGroup = new Map<string, Listed[]>();
  for (const each of operations) {
    const group = each.operation.tags[0] ?? "";
    byGroup.set(group, [...(byGroup.get(group) ?? []), each]);
  }
  return [...byGroup];
}
