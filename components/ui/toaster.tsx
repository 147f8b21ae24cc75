"use client";

import { CircleAlert, CircleCheck, Hourglass, X } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { Toast } from "radix-ui";
import { useSyncExternalStore } from "react";
import { cn } from "./cn";

interface ToastMessage {
  id: number;
  kind: "ok" | "info" | "danger";
  title: string;
  detail?: string;
  /** Where to go on. */
  link?: { href: Route; label: string };
}

/** More than this at once is noise: the oldest goes. */
const TOASTS_MAX = 4;
const SHOWN_MS = { ok: 6_000, info: 15_000, danger: 12_000 } as const;

const ICONS = {
  ok: { icon: CircleCheck, ink: "text-ok" },
  info: { icon: Hourglass, ink: "text-petrol" },
  danger: { icon: CircleAlert, ink: "text-danger" },
} as const;

let messages: readonly ToastMessage[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function publish(next: readonly ToastMessage[]): void {
  messages = next.slice(-TOASTS_MAX);
  for (const listener of listeners) listener();
}

/** Tells what happened, from anywhere in the browser. Of the same title only the newest stays. */
export function toast(message: Omit<ToastMessage, "id">): void {
  publish([...messages.filter((other) => other.title !== message.title), { ...message, id: ++lastId }]);
}

const NONE: readonly ToastMessage[] = [];
function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Our own on radix: the usual libraries write style sheets into the page, which its policy forbids. */
export function Toaster() {
  const shown = useSyncExternalStore(
    subscribe,
    () => messages,
    () => NONE,
  );
  return (
    <Toast.Provider swipeDirection="right" label="Message">
      {shown.map((message) => (
        <Toast.Root
          key={message.id}
          type={message.kind === "danger" ? "foreground" : "background"}
          duration={SHOWN_MS[message.kind]}
          onOpenChange={(open) => !open && publish(messages.filter((other) => other.id !== message.id))}
          className="flex animate-in items-start gap-2.5 rounded-md border bg-surface p-3 shadow-overlay slide-in-from-bottom-2 fade-in-0 duration-200"
        >
          <Icon kind={message.kind} />
          <div className="grid min-w-0 flex-1 justify-items-start">
            <Toast.Title className="font-medium text-sm">{message.title}</Toast.Title>
            {message.detail && (
              <Toast.Description className="mt-0.5 break-words text-muted text-xs">{message.detail}</Toast.Description>
            )}
            {message.link && (
              <Toast.Action altText={message.link.label} asChild>
                <Link href={message.link.href} className="mt-1 font-medium text-petrol text-sm hover:underline">
                  {message.link.label}
                </Link>
              </Toast.Action>
            )}
          </div>
          <Toast.Close aria-label="Dismiss" className="rounded-sm p-1 text-muted hover:bg-hover">
            <X className="size-4" aria-hidden />
          </Toast.Close>
        </Toast.Root>
      ))}
      <Toast.Viewport className="fixed right-0 bottom-16 z-60 grid w-full max-w-sm gap-2 p-3 outline-none md:bottom-0" />
    </Toast.Provider>
  );
}

function Icon({ kind }: { kind: ToastMessage["kind"] }) {
  const { icon: Symbol_, ink } = ICONS[kind];
  return <Symbol_ className={cn("mt-0.5 size-4 shrink-0", ink)} aria-hidden />;
}
