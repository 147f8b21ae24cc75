import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { scidOf } from "@/lib/engine/manifests/scid";

describe("a snapshot id", () => {
  it("is the first 53 bits of the manifest's digest, and survives JSON exactly", () => {
    const largest = scidOf(Buffer.alloc(32, 0xff));
    expect(largest).toBe(Number.MAX_SAFE_INTEGER);
    expect(JSON.parse(JSON.stringify(largest))).toBe(largest);
    expect(scidOf(Buffer.from(`0000000000000800${"ff".repeat(24)}`, "hex"))).toBe(1);
    expect(scidOf(Buffer.from(`0000000000001000${"00".repeat(24)}`, "hex"))).toBe(2);
  });

  it("is the same for the same digest, another for another, and never 0, which means none", () => {
    const digests = Array.from({ length: 1000 }, (_, i) => createHash("sha256").update(String(i)).digest());
    expect(new Set(digests.map(scidOf)).size).toBe(1000);
    expect(digests.map(scidOf)).toEqual(digests.map((digest) => scidOf(Buffer.from(digest))));
    expect(scidOf(Buffer.alloc(32))).toBe(1);
  });
});
