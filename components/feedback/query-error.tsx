"use client";

import { RotateCw } from "lucide-react";
import { Button } from "@/components/ui/button";
import { CopyText } from "@/components/ui/copy";
import { Notice } from "@/components/ui/notice";
import { ApiError } from "@/lib/admin/call";

/** What a person can do about it, by the code of the refusal. */
const REMEDIES: Readonly<Record<string, string>> = {
  unauthenticated: "Sign in again.",
  forbidden: "Ask an administrator of this core for a role that may do this.",
  not_found: "It may have been removed meanwhile. Go back to the list.",
  unavailable: "The page tries again by itself. If this lasts, look whether the core and its database run.",
  too_many_requests: "Wait a little, then try again.",
  storage_full: "Free space on the disk; work goes on by itself.",
  internal: "Try again. If it comes back, look the request up in the core's log.",
};

interface QueryErrorProps {
  error: Error;
  /** What could not be shown: "the sessions". */
  what: string;
  onRetry?: () => void;
}

/** Cause, remedy, request id, and a way to try again. */
export function QueryError({ error, what, onRetry }: QueryErrorProps) {
  const known = error instanceof ApiError ? error : null;
  const remedy = REMEDIES[known?.code ?? "internal"];
  return (
    <Notice
      kind="danger"
      live
      title={`This core could not show ${what}.`}
      className="m-3.5"
      actions={
        onRetry && (
          <Button size="sm" onClick={onRetry}>
            <RotateCw aria-hidden />
            Retry
          </Button>
        )
      }
    >
      <p>
        {known
          ? known.message
          : "The answer was not what this page expects; the core may just have been upgraded. Reload the page."}
      </p>
      {remedy && <p className="mt-0.5 text-muted">{remedy}</p>}
      {known?.requestId && (
        <p className="mt-1 flex flex-wrap items-center gap-x-2 text-muted text-xs">
          Request <CopyText text={known.requestId} label="request id" />
        </p>
      )}
    </Notice>
  );
}
