import type { ReactNode } from "react";
import { Logo } from "@/components/ui/logo";

/** The frame of the pages in front of the sign-in. */
export function Door({ title, note, children }: { title: string; note?: ReactNode; children: ReactNode }) {
  return (
    <main className="grid min-h-dvh place-items-center px-4 py-10">
      <div className="w-full max-w-sm">
        <Logo className="mb-6" />
        <div className="rounded-lg border bg-surface p-5">
          <h1 className="font-semibold text-xl tracking-tight">{title}</h1>
          {note && <div className="mt-1 text-muted text-sm">{note}</div>}
          <div className="mt-5">{children}</div>
        </div>
        <p className="mt-4 flex items-center gap-2 text-muted text-xs">
          <span className="size-1.5 rounded-full bg-copper" />
          <span className="h-px w-6 bg-line-strong" />
          <span className="size-1.5 rounded-full bg-petrol" />
          Replicates backups between cores.
        </p>
      </div>
    </main>
  );
}
