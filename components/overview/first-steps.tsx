"use client";

import { Check } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { cn } from "@/components/ui/cn";
import { CodeLine } from "@/components/ui/copy";
import { Panel } from "@/components/ui/panel";
import type { Overview } from "@/lib/engine/core/schemas";

/** What stands between a new core and its first replication. Gone for good once there is a session. */
export function FirstSteps({ overview }: { overview: Overview }) {
  const { counts, storage, core } = overview;
  if (counts.sessions > 0) return null;
  const steps: Step[] = [
    {
      done: storage.totalBytes > 0,
      title: "Make a repository",
      text: "A folder of this machine for what is captured and what arrives.",
      href: "/repositories",
    },
    {
      done: counts.agents > 0,
      title: "Protect something",
      text: "A folder, a disk image, or a stream.",
      href: "/agents/new",
    },
    { done: counts.recoveryPoints > 0, title: "Capture it", text: "The first recovery point.", href: "/agents" },
    {
      done: counts.peers > 0,
      title: "Pair with another core",
      text: "Ask it from here, or let it ask this core.",
      href: "/pairing/new",
    },
  ];
  return (
    <Panel title="First steps" note={`${steps.filter((step) => step.done).length} of ${steps.length} done`}>
      <ol className="grid gap-2 sm:grid-cols-2 lg:grid-cols-4">
        {steps.map((step, at) => (
          <StepItem key={step.title} step={step} number={at + 1} />
        ))}
      </ol>
      <div className="mt-4 grid gap-1.5 text-muted text-sm">
        To receive from another core, type this address there, under Pairing. Its request appears here by itself.
        <CodeLine label="the peer address">{core.peerUrl}</CodeLine>
      </div>
    </Panel>
  );
}

interface Step {
  done: boolean;
  title: string;
  text: string;
  href: Route;
}

function StepItem({ step, number }: { step: Step; number: number }) {
  return (
    <li className="flex items-start gap-2.5 rounded-md border p-3">
      <span
        className={cn(
          "grid size-6 shrink-0 place-items-center rounded-full font-semibold text-xs",
          step.done ? "bg-ok-soft text-ok" : "bg-copper-soft text-copper",
        )}
      >
        {step.done ? <Check className="size-3.5" aria-label="done" /> : number}
      </span>
      <span className="min-w-0 text-sm">
        <Link href={step.href} className="font-medium hover:underline">
          {step.title}
        </Link>
        <span className="block text-muted text-xs">{step.text}</span>
      </span>
    </li>
  );
}
