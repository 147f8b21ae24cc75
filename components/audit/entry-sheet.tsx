"use client";

import { ChevronRight } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { CopyText } from "@/components/ui/copy";
import { Dialog } from "@/components/ui/dialog";
import { type Fact, Facts } from "@/components/ui/facts";
import type { AuditEntry } from "@/lib/engine/audit/schemas";
import { formatAbsolute, formatCount } from "@/lib/format";
import { actionWords, actorWords, DOOR_WORDS, RESULT_WORDS, subjectHref } from "./words";

interface EntrySheetProps {
  entry: AuditEntry | null;
  onClose: () => void;
  /** Shows what else there is of the same actor or subject. */
  onSearch: (filter: { actor?: string; subject?: string }) => void;
}

/** All that is known of one entry, with its place in the chain. */
export function EntrySheet({ entry, onClose, onSearch }: EntrySheetProps) {
  return (
    <Dialog
      open={entry !== null}
      onOpenChange={(open) => !open && onClose()}
      variant="sheet"
      wide
      title={entry ? `${actorWords(entry)} ${actionWords(entry)}` : ""}
      description={entry ? formatAbsolute(new Date(entry.at)) : undefined}
      footer={entry && <Ways entry={entry} onSearch={onSearch} />}
    >
      {entry && (
        <div className="grid gap-5">
          <Facts items={factsOf(entry)} />
          {Object.keys(entry.detail).length > 0 && (
            <section className="grid gap-2">
              <h3 className="font-semibold text-sm">Detail</h3>
              <Facts items={Object.entries(entry.detail).map(([label, value]) => ({ label, value: asText(value) }))} />
            </section>
          )}
        </div>
      )}
    </Dialog>
  );
}

function factsOf(entry: AuditEntry): Fact[] {
  const { label, tone, icon } = RESULT_WORDS[entry.result];
  const result = (
    <Badge tone={tone} icon={icon}>
      {label}
    </Badge>
  );
  const facts: Fact[] = [
    { label: "Result", value: result },
    { label: "Reason", value: entry.reason },
    { label: "Action", value: entry.action },
    { label: "Subject", value: copied(entry.subject, "subject") },
    { label: "Who", value: entry.actor },
    { label: "Account or core", value: copied(entry.actorId, "id of who it was") },
    { label: "Door", value: DOOR_WORDS[entry.door] ?? entry.door },
    { label: "Address", value: entry.address },
    { label: "Request", value: copied(entry.requestId, "request id") },
    { label: "Position", value: entry.position === null ? "none" : formatCount(entry.position) },
    { label: "Hash", value: copied(entry.hash, "hash") ?? "none" },
  ];
  return facts.filter(({ value }) => value);
}

const copied = (text: string | null, label: string) => (text ? <CopyText text={text} label={label} /> : null);

const asText = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

function Ways({ entry, onSearch }: { entry: AuditEntry } & Pick<EntrySheetProps, "onSearch">) {
  const href = subjectHref(entry);
  return (
    <div className="flex flex-wrap gap-2">
      {href && (
        <Button asChild size="sm">
          <Link href={href as Route} prefetch={false}>
            Open its page
            <ChevronRight aria-hidden />
          </Link>
        </Button>
      )}
      {entry.subject && (
        <Button size="sm" onClick={() => onSearch({ subject: entry.subject })}>
          All about this subject
        </Button>
      )}
      <Button size="sm" onClick={() => onSearch({ actor: entry.actor })}>
        All of this actor
      </Button>
    </div>
  );
}
