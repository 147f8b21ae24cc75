import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { AppRouterContext, type AppRouterInstance } from "next/dist/shared/lib/app-router-context.shared-runtime";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { MirroredJobPanel } from "@/components/sessions/mirrored-job";
import { mirroredJobQuery } from "@/components/sessions/queries";
import type { JobPart, MirroredJob, SessionDetail } from "@/lib/engine/sessions/schemas";

/** Nothing is pressed here. */
const router = {} as unknown as AppRouterInstance;
const MOMENT = "2026-11-21T12:00:00.000Z";
const session = {
  id: "s",
  side: "target",
  peer: { pairingId: "p", name: "berlin" },
  run: null,
} as unknown as SessionDetail;

const part = (number: number, change: Partial<JobPart> = {}): JobPart => ({
  id: `part-${number}`,
  kind: "transfer",
  summary: `Recovery point ${number}`,
  status: "Succeeded",
  failureMessage: null,
  startedAt: MOMENT,
  endedAt: MOMENT,
  ...change,
});

function render(change: Partial<MirroredJob> | null): string {
  const client = new QueryClient();
  const common = { id: "j", summary: "", status: "Running", failureMessage: null, startedAt: MOMENT, endedAt: null };
  const job = change && { ...common, heardAt: MOMENT, silentSince: null, parts: [], ...change };
  client.setQueryData(mirroredJobQuery(session.id, false).queryKey, { job });
  const panel = createElement(MirroredJobPanel, { session });
  const inClient = createElement(QueryClientProvider, { client }, panel);
  return renderToStaticMarkup(createElement(AppRouterContext.Provider, { value: router }, inClient));
}

describe("the panel of the source's job", () => {
  it("says since when the source has been silent, and who that is", () => {
    const shown = render({ silentSince: MOMENT });
    expect(shown).toContain("The source has been silent since");
    expect(shown).toContain("When berlin speaks of it again");
    expect(render({})).not.toContain("silent");
  });

  it("names each part with its state, and why one failed", () => {
    const shown = render({ parts: [part(2, { status: "Failed", failureMessage: "a record is missing" }), part(1)] });
    for (const words of ["Recovery point 1", "Recovery point 2", "Failed", "a record is missing"])
      expect(shown).toContain(words);
  });

  it("shows the newest parts first and offers the others", () => {
    const shown = render({ parts: Array.from({ length: 20 }, (_, number) => part(20 - number)) });
    expect(shown).toContain("Show all 20 parts");
    expect(shown).not.toContain("Recovery point 12<");
  });

  it("is not there before the first run", () => {
    expect(render(null)).toBe("");
  });
});
