"use client";

import { useQuery } from "@tanstack/react-query";
import { Database } from "lucide-react";
import Link from "next/link";
import { QueryView } from "@/components/feedback/query-view";
import { EmptyState } from "@/components/ui/empty-state";
import { Panel } from "@/components/ui/panel";
import { formatBytes } from "@/lib/format";
import { FillMeter, formatFactor } from "./fill";
import { repositoryGlanceQuery } from "./queries";

/** How full they are, for the overview. */
export function RepositoriesAtAGlance() {
  const query = useQuery(repositoryGlanceQuery());
  return (
    <Panel
      flush
      title="Repositories"
      actions={
        <Link href="/repositories" className="text-petrol text-xs hover:underline">
          All repositories
        </Link>
      }
    >
      <QueryView query={query} what="the repositories">
        {(page) =>
          page.items.length === 0 ? (
            <EmptyState icon={Database} title="No repository yet" />
          ) : (
            <ul>
              {page.items.map((repository) => (
                <li key={repository.id} className="grid gap-1.5 border-b px-3.5 py-2.5 last:border-b-0">
                  <span className="flex items-baseline justify-between gap-3">
                    <Link
                      href={`/repositories/${repository.id}`}
                      className="min-w-0 truncate font-medium text-sm hover:underline"
                    >
                      {repository.name}
                    </Link>
                    <span className="shrink-0 text-muted text-xs">
                      {`${formatBytes(repository.storedBytes)} stored${repository.dedupFactor === null ? "" : `, saving ${formatFactor(repository.dedupFactor)}`}`}
                    </span>
                  </span>
                  <FillMeter disk={repository} />
                </li>
              ))}
            </ul>
          )
        }
      </QueryView>
    </Panel>
  );
}
