import { describe, expect, it } from "vitest";
import { directCost, isDirect, mayBeDirect, negotiatedCost } from "@/lib/engine/replication/choose-mode";

const BLOCKS_4_GIB = 4096;

describe("which way a disk image goes", () => {
  it("directly when it is large and little of it changed", () => {
    expect(isDirect(BLOCKS_4_GIB, 528, "auto")).toBe(true);
    expect(isDirect(BLOCKS_4_GIB, 0, "auto")).toBe(true);
    expect(isDirect(1_048_576, 10_000, "auto")).toBe(true);
  });

  it("by negotiation when it is small, or nearly all of it changed", () => {
    expect(isDirect(64, 1, "auto")).toBe(false);
    expect(isDirect(BLOCKS_4_GIB, BLOCKS_4_GIB, "auto")).toBe(false);
  });

  it("by what costs less, and never compares manifests in vain", () => {
    for (const blocks of [0, 1, 100, 1490, 5000, 65_536, 65_537, 1_000_000])
      for (const changed of [0, 1, Math.floor(blocks / 100), Math.floor(blocks / 2), blocks]) {
        expect(isDirect(blocks, changed, "auto")).toBe(directCost(blocks, changed) < negotiatedCost(blocks));
        if (isDirect(blocks, changed, "auto")) expect(mayBeDirect(blocks, "auto")).toBe(true);
      }
  });

  it("as it is forced", () => {
    expect(isDirect(1, 1, "direct")).toBe(true);
    expect(mayBeDirect(1, "direct")).toBe(true);
    expect(isDirect(BLOCKS_4_GIB, 0, "negotiated")).toBe(false);
    expect(mayBeDirect(BLOCKS_4_GIB, "negotiated")).toBe(false);
  });
});
