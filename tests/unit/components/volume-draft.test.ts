import { describe, expect, it } from "vitest";
import { EMPTY_VOLUME, readVolume } from "@/components/agents/volume-fields";

describe("a volume as it is typed in", () => {
  it("is named after the last part of its path when it has no name", () => {
    expect(readVolume({ ...EMPTY_VOLUME, path: "/srv/office/" }).volume).toMatchObject({
      kind: "folder",
      name: "office",
    });
    expect(readVolume({ ...EMPTY_VOLUME, path: "/" }).volume).toMatchObject({ name: "root" });
    expect(readVolume({ ...EMPTY_VOLUME, kind: "stream" }).volume).toEqual({ kind: "stream", name: "stream" });
  });
  it("takes one pattern a line and leaves empty lines out", () => {
    const { volume } = readVolume({ ...EMPTY_VOLUME, path: "/srv", excludes: " *.tmp \n\nnode_modules\n" });
    expect(volume).toMatchObject({ excludes: ["*.tmp", "node_modules"] });
  });
  it.each(["", "srv/office", "~/office"])("%s is no absolute path", (path) => {
    const { volume, wrong } = readVolume({ ...EMPTY_VOLUME, path });
    expect(volume).toBeUndefined();
    expect(wrong.path).toBeDefined();
  });
});
