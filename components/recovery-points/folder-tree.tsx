"use client";

import { useInfiniteQuery } from "@tanstack/react-query";
import { ChevronRight, Download, File, FileSymlink, Folder, type LucideIcon, Shapes } from "lucide-react";
import { useState } from "react";
import { QueryError } from "@/components/feedback/query-error";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/cn";
import { RelativeTime } from "@/components/ui/relative-time";
import { SkeletonRows } from "@/components/ui/skeleton";
import type { BrowseEntry } from "@/lib/engine/recovery-points/schemas";
import { formatBytes } from "@/lib/format";
import { fetchFolder, fileAddress, folderKey, type ImagePlace } from "./queries";

const ICONS: Readonly<Record<BrowseEntry["type"], LucideIcon>> = {
  folder: Folder,
  file: File,
  link: FileSymlink,
  other: Shapes,
};

/** Deeper than this the indentation stays: a phone has no room for more. */
const INDENTED_DEPTH_MAX = 6;

interface FolderProps {
  place: ImagePlace;
  /** Base64url of its path; empty = the root. */
  folder: string;
  name: string;
  depth: number;
}

/** What a folder of an image holds; folders inside are asked for when they are opened. */
export function FolderTree({ place, folder, name, depth }: FolderProps) {
  const query = useInfiniteQuery({
    queryKey: folderKey(place, folder),
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => fetchFolder(place, folder, pageParam, signal),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (query.isPending) return <SkeletonRows rows={2} label={name} />;
  if (query.error) return <QueryError error={query.error} what={name} onRetry={() => void query.refetch()} />;
  const entries = query.data.pages.flatMap((page) => page.items);
  if (entries.length === 0) return <p className="px-3.5 py-2 text-muted text-xs">This folder is empty.</p>;
  return (
    <ul aria-label={name}>
      {entries.map((entry) => (
        <Entry key={entry.pathBase64} place={place} entry={entry} depth={depth} />
      ))}
      {query.hasNextPage && (
        <li className="px-3.5 py-2">
          <Button size="sm" pending={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show more of this folder
          </Button>
        </li>
      )}
    </ul>
  );
}

const LINE =
  "flex min-h-8 w-full min-w-0 items-center gap-2 border-b py-1 pr-3 text-left text-sm hover:bg-hover touch:min-h-11";

function Entry({ place, entry, depth }: { place: ImagePlace; entry: BrowseEntry; depth: number }) {
  const [open, setOpen] = useState(false);
  const Icon = ICONS[entry.type];
  const indent = { paddingLeft: `${14 + Math.min(depth, INDENTED_DEPTH_MAX) * 16}px` };
  if (entry.type === "folder")
    return (
      <li>
        <button type="button" aria-expanded={open} onClick={() => setOpen(!open)} className={LINE} style={indent}>
          <ChevronRight
            className={cn("size-3.5 shrink-0 text-muted transition-transform", open && "rotate-90")}
            aria-hidden
          />
          <Icon className="size-4 shrink-0 text-copper" aria-hidden />
          <span className="min-w-0 flex-1 break-all font-medium">{entry.name}</span>
        </button>
        {open && <FolderTree place={place} folder={entry.pathBase64} name={entry.name} depth={depth + 1} />}
      </li>
    );
  return (
    <li className={LINE} style={indent}>
      <span className="w-3.5 shrink-0" />
      <Icon className="size-4 shrink-0 text-muted" aria-label={entry.type} />
      <span className="min-w-0 flex-1 break-all">
        {entry.name}
        {entry.linkTarget !== null && <span className="text-muted">{` → ${entry.linkTarget}`}</span>}
      </span>
      <span className="shrink-0 text-muted text-xs max-sm:hidden">
        <RelativeTime at={entry.modifiedAt} />
      </span>
      <span className="w-18 shrink-0 text-right text-xs">
        {entry.type === "file" ? formatBytes(entry.sizeBytes) : ""}
      </span>
      <span className="w-7 shrink-0 touch:w-10">
        {entry.type === "file" && (
          <a
            href={fileAddress(place, entry.pathBase64)}
            download
            title={`Download ${entry.name}`}
            aria-label={`Download ${entry.name}`}
            className="grid size-7 place-items-center rounded-sm text-muted hover:text-ink touch:size-10"
          >
            <Download className="size-4" aria-hidden />
          </a>
        )}
      </span>
    </li>
  );
}
