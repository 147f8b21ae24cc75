"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { alertCountsQuery } from "@/components/alerts/queries";
import { CountBadge } from "@/components/ui/badge";
import { cn } from "@/components/ui/cn";
import { isCurrent, type NavItem } from "./nav";
import { askingCountQuery, pendingCountQuery } from "./queries";

interface NavLinkProps {
  item: NavItem;
  shape: "rail" | "bar";
  onFollow?: () => void;
}

const SHAPES = {
  rail: "h-9 gap-2.5 rounded-md px-2.5 text-sm hover:bg-rail-hover aria-[current]:bg-rail-active touch:h-11",
  bar: "h-14 flex-1 flex-col justify-center gap-0.5 text-2xs aria-[current]:shadow-[inset_0_2px_0_#e0a06a]",
} as const;

export function NavLink({ item, shape, onFollow }: NavLinkProps) {
  const pathname = usePathname();
  const current = isCurrent(item.href, pathname);
  return (
    <Link
      href={item.href}
      onClick={onFollow}
      aria-current={current ? "page" : undefined}
      className={cn(
        "relative flex min-w-0 items-center font-medium text-rail-muted hover:text-rail-ink aria-[current]:text-rail-ink focus-visible:outline-rail-ink",
        SHAPES[shape],
      )}
    >
      <item.icon className={shape === "bar" ? "size-5" : "size-4"} aria-hidden />
      <span className={shape === "rail" ? "flex-1" : undefined}>{item.label}</span>
      {item.href === "/pairing" && (
        <PendingCount className={shape === "bar" ? "absolute top-1 left-[calc(50%+4px)]" : ""} />
      )}
      {item.href === "/alerts" && (
        <AlertCount className={shape === "bar" ? "absolute top-1 left-[calc(50%+4px)]" : ""} />
      )}
    </Link>
  );
}

/** How many alerts nobody sees to yet. */
function AlertCount({ className }: { className: string }) {
  const { data } = useQuery(alertCountsQuery());
  return <CountBadge count={data?.open ?? 0} label="alerts that nobody sees to" className={className} />;
}

/** How many requests wait for an answer. */
function PendingCount({ className }: { className: string }) {
  const { data: cores = 0 } = useQuery(pendingCountQuery());
  const { data: peers = 0 } = useQuery(askingCountQuery());
  const label = peers === 0 ? "pending pairing requests" : "pending requests of other cores";
  return <CountBadge count={cores + peers} label={label} className={className} />;
}
