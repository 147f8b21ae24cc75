"use client";

import { Check, Copy } from "lucide-react";
import { Fragment, type ReactNode, useEffect, useState } from "react";
import { IconButton } from "./button";
import { cn } from "./cn";

/** How long the tick stays: long enough to be seen, short enough to copy again. */
const TICK_MS = 1_800;

export function CopyButton({ text, label = "Copy", className }: { text: string; label?: string; className?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), TICK_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => navigator.clipboard.writeText(text).then(() => setCopied(true));
  return (
    <>
      <IconButton label={copied ? "Copied" : label} onClick={copy} className={cn("text-muted", className)}>
        {copied ? <Check className="text-ok" aria-hidden /> : <Copy aria-hidden />}
      </IconButton>
      <span className="sr-only" aria-live="polite">
        {copied ? "Copied" : ""}
      </span>
    </>
  );
}

/** A line to paste into a terminal; it breaks where it must, so that it is all there to read. */
export function CodeLine({ children, label }: { children: string; label: string }) {
  return (
    <div className="flex min-w-0 items-center gap-1 rounded-md border bg-sunken pr-1 pl-3 text-left text-ink">
      <code className="min-w-0 flex-1 wrap-anywhere whitespace-pre-wrap py-2 font-mono text-xs">{children}</code>
      <CopyButton text={children} label={`Copy ${label}`} />
    </div>
  );
}

/** An id or a fingerprint among facts: in full, breaking where it must, with a way to copy it. */
export function CopyText({ text, label }: { text: string; label: string }) {
  return (
    <span className="inline-flex min-w-0 max-w-full items-start gap-1">
      <span className="wrap-anywhere min-w-0 font-mono text-xs leading-5">{breakable(text)}</span>
      <CopyButton text={text} label={`Copy ${label}`} className="-my-1 size-7" />
    </span>
  );
}

/** Lets a long id break between its groups rather than in the middle of one. */
function breakable(text: string): ReactNode[] {
  return [...text.matchAll(/[^:/]+[:/]*|[:/]+/g)].map((group) => (
    <Fragment key={group.index}>
      {group[0]}
      <wbr />
    </Fragment>
  ));
}
