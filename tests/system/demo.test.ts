import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { findRoot } from "@/lib/runtime/root";
import { processesNaming } from "@/tests/support/living-processes";
import { makeTree } from "@/tests/support/tree";
import { until } from "@/tests/support/until";

const folder = mkdtempSync(path.join(tmpdir(), "twincore-demo-"));
const tree = path.join(folder, "files");
makeTree(tree);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Demo {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  /** Stands in the environment of everything that this demo starts. */
  readonly mark: string;
  output(): string;
}

let demos = 0;
function startDemo(...args: string[]): Demo {
  const mark = `${path.basename(folder)}-${demos++}`;
  const child = spawn(process.execPath, ["scripts/demo.mjs", ...args], {
    cwd: findRoot(),
    env: { ...process.env, TWINCORE_DEMO_MARK: mark },
    // A group of its own, as a terminal gives it.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (text += String(chunk)));
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  return { child, ended, mark, output: () => text };
}

/** A path that no demo knows yet, so that its agent wants a new pairing. */
function anotherTree(): string {
  const made = path.join(folder, `files-${demos}`);
  makeTree(made);
  return made;
}

/** Its cores wait for the approval: everything that a demo starts is running. */
const isWaiting = (demo: Demo) =>
  until("the demo that waits for an approval", () => {
    if (demo.child.exitCode !== null) throw new Error(demo.output());
    return demo.output().includes("approve the request");
  });

const expectNothingLeft = (demo: Demo) =>
  until("no process of the demo", () => {
    const left = processesNaming(demo.mark);
    if (left.length > 0) throw new Error(left.join("\n"));
    return true;
  });

describe("the demo", () => {
  it("succeeds twice at once on one machine, and leaves no process behind", async () => {
    const both = [startDemo(tree, "--approve"), startDemo(tree, "--approve")];
    for (const demo of both) {
      const code = await demo.ended;
      expect(code, demo.output()).toBe(0);
      expect(demo.output()).toContain("identical");
      await expectNothingLeft(demo);
    }
  }, 300_000);

  it("leaves no process behind after Ctrl-C", async () => {
    const demo = startDemo(anotherTree());
    await isWaiting(demo);
    // A terminal signals the whole group.
    process.kill(-Number(demo.child.pid), "SIGINT");
    expect(await demo.ended).toBe(130);
    await expectNothingLeft(demo);
  }, 180_000);

  it("leaves no process behind after kill -9", async () => {
    const demo = startDemo(anotherTree());
    await isWaiting(demo);
    demo.child.kill("SIGKILL");
    await demo.ended;
    await expectNothingLeft(demo);
  }, 180_000);

  it("says in one line what is wrong with a path that does not exist", async () => {
    const demo = startDemo(path.join(folder, "nowhere"));
    expect(await demo.ended).toBe(1);
    expect(demo.output().trim().split("\n")).toHaveLength(1);
    expect(demo.output()).toContain("does not exist");
  });
});
