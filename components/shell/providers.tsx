"use client";

import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { ThemeProvider } from "next-themes";
import { type ReactNode, useState } from "react";
import { Toaster } from "@/components/ui/toaster";
import { ApiError } from "@/lib/admin/call";

/** Events make what is stale be asked again; between them an answer is good for this long. */
const FRESH_MS = 10_000;
const RETRIES_MAX = 2;

function makeQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: leaveWhenSignedOut }),
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        retry: (failures, error) => failures < RETRIES_MAX && (!(error instanceof ApiError) || isPassing(error)),
      },
    },
  });
}

const isPassing = (error: ApiError) => error.status === 0 || error.status >= 500 || error.status === 429;

/** The sign-in ended, here or elsewhere: to the sign-in page, and back to this page afterwards. */
function leaveWhenSignedOut(error: Error): void {
  if (!(error instanceof ApiError) || error.status !== 401 || location.pathname === "/sign-in") return;
  location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
}

/** radix writes one style sheet while a dialog is open; it must carry the nonce of this page. */
function tellNonce(nonce: string | undefined): void {
  Object.assign(globalThis, { __webpack_nonce__: nonce });
}

export function Providers({ nonce, children }: { nonce?: string; children: ReactNode }) {
  const [client] = useState(() => {
    if (typeof window !== "undefined") tellNonce(nonce);
    return makeQueryClient();
  });
  return (
    <ThemeProvider attribute="data-theme" defaultTheme="system" enableSystem enableColorScheme={false} nonce={nonce}>
      <QueryClientProvider client={client}>
        {children}
        <Toaster />
      </QueryClientProvider>
    </ThemeProvider>
  );
}
