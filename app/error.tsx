"use client";

import { RotateCw } from "lucide-react";
import { Door } from "@/components/shell/door";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";

interface ErrorPageProps {
  error: Error & { digest?: string };
  reset: () => void;
}

/** What a page shows when it could not even start: usually the database does not answer. */
export default function ErrorPage({ error, reset }: ErrorPageProps) {
  return (
    <Door title="This page could not be shown">
      <div className="grid justify-items-start gap-4">
        <Notice kind="danger">
          Something this core needs does not answer just now, most often its database. Replication goes on by itself as
          soon as it can.
          {error.digest && (
            <span className="mt-1 block font-mono text-muted text-xs">{`Log reference ${error.digest}`}</span>
          )}
        </Notice>
        <Button tone="primary" onClick={reset}>
          <RotateCw aria-hidden />
          Retry
        </Button>
      </div>
    </Door>
  );
}
