import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { compileExcludes } from "@/lib/engine/capture/excludes";

const folder = mkdtempSync(path.join(tmpdir(), "twincore-excludes-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
execFileSync("git", ["init", "-q", folder]);

const files = [
  "a",
  "ab",
  "b.log",
  "x/a",
  "x/b.log",
  "x/y/a",
  "x/y/ab",
  "x/y/z/b.log",
  "y/a.b",
  "y/[q]",
  "y/ü",
  "y/#h",
  "y/!n",
  "sp ",
];
for (const file of files) {
  mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
  writeFileSync(path.join(folder, file), "");
}

/** What git itself leaves out, given the same patterns. */
function ignoredByGit(patterns: readonly string[]): string[] {
  writeFileSync(path.join(folder, ".git/info/exclude"), `${patterns.join("\n")}\n`);
  const listed = execFileSync("git", ["-C", folder, "ls-files", "--others", "--ignored", "--exclude-standard", "-z"], {
    env: { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" },
  });
  return listed.toString().split("\0").filter(Boolean).sort();
}

/** What a walk leaves out: nothing below a folder that is left out is ever asked about. */
function ignoredByUs(patterns: readonly string[]): string[] {
  const excludes = compileExcludes(patterns);
  const isLeftOut = (file: string) =>
    file.split("/").some((_, depth, parts) => {
      const at = parts.slice(0, depth + 1).join("/");
      return excludes(Buffer.from(at).toString("latin1"), depth < parts.length - 1);
    });
  return files.filter(isLeftOut).sort();
}

/**
 * Git cuts off what a pattern begins with before its first wildcard, and then takes the asterisks of "a**" + "/b" for a component of
 * their own. Its manual calls them ordinary ones, as we do.
 */
const GIT_TAKES_FOR_FOLDERS = /^[^*?[]*[^*?[/!]\*{2,}\//;

describe("exclude patterns", () => {
  it.each([
    [["*.log"]],
    [["/a"]],
    [["x/"]],
    [["x/*"]],
    [["x/y"]],
    [["**/y/a"]],
    [["x/**"]],
    [["x/**/b.log"]],
    [["**/z"]],
    [["*", "!a"]],
    [["*.log", "!x/b.log"]],
    [["x", "!x/a"]],
    [["?"]],
    [["[a-c]*"]],
    [["[!a]"]],
    [["\\#h", "\\!n"]],
    [["# comment", "", "\\[q]"]],
    [["sp\\ "]],
    [["sp "]],
    [["**"]],
    [["a**b"]],
    [["***/a"]],
    [["x/***"]],
    [["y/a?b"]],
    [["y/*", "!y/a.b"]],
  ])("mean what they mean in .gitignore: %j", (patterns) => {
    expect(ignoredByUs(patterns)).toEqual(ignoredByGit(patterns));
  });

  it("mean what they mean in .gitignore: random ones", () => {
    const piece = fc.constantFrom("a", "b", "x", "y", "z", "*", "?", "**", ".log", "[ab]", "[!x]");
    const component = fc.array(piece, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(""));
    const pattern = fc
      .tuple(
        fc.constantFrom("", "!", "/"),
        fc.array(component, { minLength: 1, maxLength: 3 }),
        fc.constantFrom("", "/"),
      )
      .map(([start, parts, end]) => `${start}${parts.join("/")}${end}`)
      .filter((text) => !GIT_TAKES_FOR_FOLDERS.test(text));
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1, maxLength: 3 }), (patterns) => {
        expect(ignoredByUs(patterns)).toEqual(ignoredByGit(patterns));
      }),
      { numRuns: 150 },
    );
  });

  it.each([["/"], ["[z-a]"], ["*".repeat(17).split("").join("a")]])(
    "that cannot be meant are refused: %s",
    (pattern) => {
      expect(() => compileExcludes([pattern])).toThrow(/exclude pattern/);
    },
  );
});
