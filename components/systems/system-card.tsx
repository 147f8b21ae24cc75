"use client";

import { CircleCheck, CirclePause, Unplug } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { PAIRING_WORDS } from "@/components/pairing/words";
import { Badge } from "@/components/ui/badge";
import { Facts } from "@/components/ui/facts";
import { RelativeTime } from "@/components/ui/relative-time";
import type { System } from "@/lib/engine/systems/schemas";
import { formatBytes, formatDuration, formatNumberOf } from "@/lib/format";

/** A core as this one knows it: is it there, how far behind are its sessions, what does it hold. */
export function SystemCard({ system }: { system: System }) {
  const name = <span className="min-w-0 break-words font-semibold text-md">{system.name || system.address}</span>;
  return (
    <article className="@container grid content-start gap-2.5 rounded-lg border bg-surface p-3.5">
      <header className="flex flex-wrap items-center gap-x-2 gap-y-1">
        {system.pairingId ? (
          <Link href={`/pairing/${system.pairingId}` as Route} prefetch={false} className="min-w-0 hover:underline">
            {name}
          </Link>
        ) : (
          name
        )}
        <Standing system={system} />
        {system.suspendedBy && <Badge icon={CirclePause}>{isOurs(system) ? "Paused here" : "Paused there"}</Badge>}
      </header>
      {system.message && system.state !== "established" && <p className="text-muted text-sm">{system.message}</p>}
      <Facts items={factsOf(system)} />
    </article>
  );
}

const isOurs = ({ role, suspendedBy }: System) => suspendedBy !== role;

function Standing({ system }: { system: System }) {
  if (system.role === "self") return <Badge tone="petrol">This core</Badge>;
  if (system.isOnline === null && system.state) {
    const word = PAIRING_WORDS[system.state];
    return (
      <Badge tone={word.tone} icon={word.icon}>
        {word.label}
      </Badge>
    );
  }
  return system.isOnline ? (
    <Badge tone="ok" icon={CircleCheck}>
      Online
    </Badge>
  ) : (
    <Badge tone="danger" icon={Unplug}>
      Offline
    </Badge>
  );
}

function factsOf(system: System) {
  const known = system.role === "self" || system.state === "established";
  return [...(known ? workOf(system) : []), ...identityOf(system)];
}

/** What goes on with it, and what it holds. */
function workOf(system: System) {
  const { storage, lagSeconds } = system;
  return [
    { label: "Sessions", value: sessionsText(system) },
    ...(lagSeconds === null ? [] : [{ label: "Worst lag", value: formatDuration(lagSeconds) }]),
    { label: "Agents", value: system.agents },
    { label: "Storage", value: storage ? storageText(storage) : "not told yet" },
  ];
}

const storageText = ({ usedBytes, freeBytes, repositories }: NonNullable<System["storage"]>) =>
  `${formatBytes(usedBytes)} used, ${formatBytes(freeBytes)} free in ${formatNumberOf(repositories, "repository", "repositories")}`;

function identityOf(system: System) {
  const { tenant, role, state } = system;
  const said = state === "established" ? system.lastContactAt : system.requestedAt;
  return [
    ...(tenant ? [{ label: "Tenant", value: tenant.name }] : []),
    ...(system.customerId ? [{ label: "Customer", value: system.customerId }] : []),
    { label: "Version", value: system.version ?? "unknown" },
    ...(system.address ? [{ label: "Address", value: system.address }] : []),
    ...(role === "self" ? [] : [{ label: state === "established" ? "Last word" : "Asked", value: lastWord(said) }]),
  ];
}

const lastWord = (at: string | null) => (at ? <RelativeTime at={at} /> : "never");

function sessionsText({ sessions }: System) {
  if (sessions.total === 0) return "none";
  const wrong = [
    sessions.behind > 0 && `${sessions.behind} behind`,
    sessions.failing > 0 && `${sessions.failing} failing`,
    sessions.paused > 0 && `${sessions.paused} paused`,
  ].filter(Boolean);
  const all = formatNumberOf(sessions.total, "session");
  return wrong.length === 0 ? (
    `${all}, all in time`
  ) : (
    <>
      {all}, <span className="font-medium text-danger">{wrong.join(", ")}</span>
    </>
  );
}
