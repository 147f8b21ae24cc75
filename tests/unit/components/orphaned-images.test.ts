import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { AppRouterContext, type AppRouterInstance } from "next/dist/shared/lib/app-router-context.shared-runtime";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { OrphanedImages } from "@/components/recovery-points/orphaned-images";
import { MeProvider } from "@/components/shell/me";
import type { Me } from "@/lib/engine/accounts/schemas";
import type { OrphanedImage } from "@/lib/engine/orphaned-images/schemas";

/** Nothing is pressed here. */
const router = {} as unknown as AppRouterInstance;
const MOMENT = "2026-11-21T12:00:00.000Z";
const image: OrphanedImage = {
  id: "i",
  agentId: "a",
  recoveryPointId: "r",
  volumeId: "v",
  volumeName: "disk of the mail server",
  kind: "image",
  sequence: 1,
  createdAt: MOMENT,
  sizeBytes: 2048,
  reason: "point-incomplete",
  missingVolumes: ["data", "logs"],
  foundAt: MOMENT,
};

function render(items: OrphanedImage[], role: Me["role"]): string {
  const client = new QueryClient();
  const pages = [{ items, nextCursor: null, total: items.length }];
  client.setQueryData(["agents", "orphaned-images", "a"], { pages, pageParams: [undefined] });
  const section = createElement(OrphanedImages, { agentId: "a" });
  const me = { role } as unknown as Me;
  const inClient = createElement(QueryClientProvider, { client }, MeProvider({ me, children: section }));
  return renderToStaticMarkup(createElement(AppRouterContext.Provider, { value: router }, inClient));
}

describe("the section of orphaned images", () => {
  it("names each image with what is missing of its recovery point, and offers to adopt or remove it", () => {
    const shown = render([image], "engineer");
    for (const words of ["disk of the mail server", "Not here: data, logs.", "Make a recovery point", "Remove"])
      expect(shown).toContain(words);
    expect(render([{ ...image, reason: "point-gone" }], "engineer")).toContain("Its recovery point was deleted");
  });

  it("offers nothing to who may not", () => {
    const shown = render([image], "reader");
    expect(shown).toContain("disk of the mail server");
    expect(shown).not.toContain("Make a recovery point");
  });

  it("is not there when there are none", () => {
    expect(render([], "engineer")).toBe("");
  });
});
