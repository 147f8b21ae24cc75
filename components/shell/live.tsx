"use client";

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { API_PREFIX } from "@/lib/admin/call";
import { EventMessage } from "@/lib/engine/core/schemas";

export type LiveState = "connecting" | "live" | "polling";

/** What to ask again when something of a kind changed. */
const TOUCHED: Readonly<Record<EventMessage["kind"], readonly string[]>> = {
  pairing: ["pairings", "agents", "sessions", "systems", "overview"],
  agent: ["agents", "quotas", "overview"],
  "recovery-point": ["recovery-points", "agents", "repositories", "overview"],
  session: ["sessions", "overview"],
  run: ["sessions", "overview"],
  task: ["tasks", "seed-drives", "overview"],
  repository: ["repositories", "overview"],
  "core-file": ["core-files"],
  "seed-drive": ["seed-drives"],
  policy: ["policies", "agents", "sessions"],
  alert: ["alerts", "overview"],
  channel: ["channels", "alert-rules", "deliveries"],
  delivery: ["deliveries"],
  "sync-session": ["repositories", "sync-sessions"],
  "vault-replication": ["vault-replications"],
  setting: ["settings", "doors", "protection", "sign-in-rules"],
  usage: ["usage", "statements"],
  "price-plan": ["price-plans", "tenant-plans", "statements"],
  statement: ["statements"],
  quota: ["quotas", "agents", "tenants"],
  "two-person": ["two-person", "protection", "alerts"],
  account: ["accounts", "me"],
  "sign-in": ["sign-ins", "accounts"],
  tenant: ["tenants"],
};

/** At most this often is anything asked again, however many events arrive. */
const ASK_INTERVAL_MS = 1_000;
/** How often pages ask while the stream is down, and how often a closed stream is opened anew. */
const POLL_INTERVAL_MS = 5_000;

const LiveContext = createContext<LiveState>("connecting");
export const useLive = () => useContext(LiveContext);

/** Keeps every page current: by the event stream, and by asking while the stream is down. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>("connecting");
  useEffect(() => followEvents(client, setState), [client]);
  useEffect(() => {
    if (state !== "polling") return;
    const timer = setInterval(() => void client.invalidateQueries({ refetchType: "active" }), POLL_INTERVAL_MS);
    return () => clearInterval(timer);
  }, [client, state]);
  return <LiveContext.Provider value={state}>{children}</LiveContext.Provider>;
}

/** Follows the stream until the returned function is called. The browser itself asks for what it missed (Last-Event-ID). */
function followEvents(client: QueryClient, tell: (state: LiveState) => void): () => void {
  let source: EventSource | undefined;
  let reopening: ReturnType<typeof setTimeout> | undefined;
  const asker = makeAsker(client);
  const open = () => {
    source = new EventSource(`${API_PREFIX}/events`);
    source.onopen = () => tell("live");
    source.addEventListener("change", (event) => asker.add(event.data));
    source.addEventListener("signed-out", leaveEnded);
    source.onerror = () => {
      tell("polling");
      // Closed for good (refused, or an answer that was no stream): the browser does not try again by itself.
      if (source?.readyState === EventSource.CLOSED) reopening = setTimeout(open, POLL_INTERVAL_MS);
    };
  };
  open();
  return () => {
    source?.close();
    clearTimeout(reopening);
    asker.stop();
  };
}

/** Somebody ended this sign-in. A whole page load: nothing of it stays in memory. */
function leaveEnded(): void {
  location.assign(`/sign-in?ended=1&next=${encodeURIComponent(location.pathname + location.search)}`);
}

function makeAsker(client: QueryClient) {
  const due = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastMs = 0;
  const ask = () => {
    timer = undefined;
    lastMs = Date.now();
    for (const key of due) void client.invalidateQueries({ queryKey: [key] });
    due.clear();
  };
  return {
    add(data: unknown) {
      const message = EventMessage.safeParse(parseJson(data));
      if (!message.success) return;
      for (const key of TOUCHED[message.data.kind]) due.add(key);
      timer ??= setTimeout(ask, Math.max(0, lastMs + ASK_INTERVAL_MS - Date.now()));
    },
    stop: () => clearTimeout(timer),
  };
}

function parseJson(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return null;
  }
}
