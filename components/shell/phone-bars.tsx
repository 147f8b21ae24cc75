"use client";

import { Ellipsis, LogOut } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { ThemeSwitch } from "@/components/ui/theme-switch";
import { leave } from "./account-menu";
import { LiveIndicator } from "./live-indicator";
import { useMe } from "./me";
import { navFor } from "./nav";
import { NavLink } from "./nav-link";
import { CoreName } from "./sidebar";

/** The head and the foot of the screen on a phone. */
export function PhoneHead() {
  return (
    <header className="flex items-center justify-between gap-3 bg-rail px-3 py-2.5 md:hidden">
      <CoreName />
      <LiveIndicator className="shrink-0" />
    </header>
  );
}

export function PhoneFoot() {
  const [open, setOpen] = useState(false);
  const me = useMe();
  const items = navFor(me);
  return (
    <>
      <nav
        aria-label="Main"
        className="fixed inset-x-0 bottom-0 z-30 flex bg-rail pb-[env(safe-area-inset-bottom)] md:hidden"
      >
        {items
          .filter((item) => item.bar)
          .map((item) => (
            <NavLink key={item.href} item={item} shape="bar" />
          ))}
        <button
          type="button"
          onClick={() => setOpen(true)}
          aria-haspopup="dialog"
          className="flex h-14 flex-1 flex-col items-center justify-center gap-0.5 font-medium text-2xs text-rail-muted focus-visible:outline-rail-ink"
        >
          <Ellipsis className="size-5" aria-hidden />
          More
        </button>
      </nav>
      <Dialog open={open} onOpenChange={setOpen} title="More" variant="sheet">
        <div className="grid gap-4">
          <nav aria-label="More" className="grid gap-0.5 rounded-md bg-rail p-2">
            {items
              .filter((item) => !item.bar)
              .map((item) => (
                <NavLink key={item.href} item={item} shape="rail" onFollow={() => setOpen(false)} />
              ))}
          </nav>
          <div className="flex items-center justify-between rounded-md bg-rail px-3.5 py-2 text-rail-ink text-sm">
            Theme <ThemeSwitch />
          </div>
          <div className="flex flex-wrap items-center justify-between gap-3">
            <p className="min-w-0 text-sm">
              {me.name}
              <span className="block break-all text-muted text-xs">{`${me.email} · ${me.role}`}</span>
            </p>
            <Button onClick={() => void leave()}>
              <LogOut aria-hidden />
              Sign out
            </Button>
          </div>
        </div>
      </Dialog>
    </>
  );
}
