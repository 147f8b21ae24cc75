"use client";

import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { LogoMark } from "@/components/ui/logo";
import { ThemeSwitch } from "@/components/ui/theme-switch";
import { AccountMenu } from "./account-menu";
import { LiveIndicator } from "./live-indicator";
import { useMe } from "./me";
import { navFor } from "./nav";
import { NavLink } from "./nav-link";
import { coreQuery } from "./queries";

/** The rail at the left, from tablets on. */
export function Sidebar() {
  return (
    <header className="hidden w-56 shrink-0 bg-rail md:block">
      <div className="sticky top-0 flex h-dvh flex-col px-3 py-4">
        <CoreName />
        <nav aria-label="Main" className="mt-5 grid gap-0.5">
          {navFor(useMe()).map((item) => (
            <NavLink key={item.href} item={item} shape="rail" />
          ))}
        </nav>
        <div className="mt-auto grid gap-3">
          <div className="flex items-center justify-between px-2">
            <LiveIndicator />
            <ThemeSwitch />
          </div>
          <div className="border-rail-line border-t pt-2">
            <AccountMenu />
          </div>
        </div>
      </div>
    </header>
  );
}

export function CoreName() {
  const { data } = useQuery(coreQuery());
  return (
    <Link href="/" className="flex min-w-0 items-center gap-2.5 px-1.5 focus-visible:outline-rail-ink">
      <LogoMark className="size-8 shrink-0" />
      <span className="min-w-0">
        <span className="block font-semibold text-md text-rail-ink leading-tight tracking-tight">Twincore</span>
        <span className="block truncate text-rail-muted text-xs" title={data?.name}>
          {data?.name ?? " "}
        </span>
      </span>
    </Link>
  );
}
