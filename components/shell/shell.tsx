"use client";

import type { ReactNode } from "react";
import { ProveDialog } from "@/components/protection/prove-dialog";
import type { Me } from "@/lib/engine/accounts/schemas";
import { LiveProvider } from "./live";
import { MeProvider } from "./me";
import { PhoneFoot, PhoneHead } from "./phone-bars";
import { Sidebar } from "./sidebar";

/** The frame of every page behind the sign-in. */
export function DashboardShell({ me, children }: { me: Me; children: ReactNode }) {
  return (
    <MeProvider me={me}>
      <LiveProvider>
        <a
          href="#main"
          className="fixed top-2 left-2 z-70 -translate-y-20 rounded-md bg-petrol px-3 py-2 font-medium text-on-petrol text-sm focus:translate-y-0"
        >
          Skip to the content
        </a>
        <div className="flex min-h-dvh flex-col md:flex-row">
          <Sidebar />
          <PhoneHead />
          <main
            id="main"
            tabIndex={-1}
            className="min-w-0 flex-1 px-3 pt-4 pb-24 outline-none md:px-6 md:pt-6 md:pb-10"
          >
            <div className="mx-auto max-w-6xl">{children}</div>
          </main>
          <PhoneFoot />
        </div>
        <ProveDialog />
      </LiveProvider>
    </MeProvider>
  );
}
