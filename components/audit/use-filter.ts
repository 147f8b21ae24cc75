"use client";

import type { Route } from "next";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { AuditFilter } from "@/lib/engine/audit/schemas";

const NAMES = ["actor", "action", "subject", "result", "door", "from", "to", "text"] as const;

/** What is searched for, kept in the address. A value that an address holds and that is none counts as nothing. */
export function useAuditFilter() {
  const router = useRouter();
  // The same page with another query: always a route that exists.
  const pathname = usePathname() as Route;
  const asked = useSearchParams();
  const known = NAMES.flatMap((name) => {
    const value = AuditFilter.shape[name].safeParse(asked.get(name) || undefined);
    return value.success && value.data !== undefined ? [[name, value.data]] : [];
  });
  const filter = AuditFilter.parse(Object.fromEntries(known));
  const choose = (changes: Partial<Record<keyof AuditFilter, string>>) => {
    const next = new URLSearchParams(asked);
    for (const [name, value] of Object.entries(changes)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    router.replace(next.size > 0 ? (`${pathname}?${next}` as Route) : pathname, { scroll: false });
  };
  return { filter, choose, clear: () => router.replace(pathname, { scroll: false }) };
}
