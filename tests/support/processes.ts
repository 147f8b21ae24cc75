import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Does this process run? One that has ended and only waits to be counted by its parent does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2, text.lastIndexOf(")") + 3) !== "Z";
  } catch {
    return process.platform !== "linux";
  }
}

/** Asks again until the condition holds; fails with its last error when it does not within `boundMs`. */
export async function eventually(condition: () => boolean | Promise<boolean>, boundMs = 30_000): Promise<void> {
  const deadline = performance.now() + boundMs;
  for (let problem: unknown = new Error("the condition never held"); ; ) {
    try {
      if (await condition()) return;
    } catch (error) {
      problem = error;
    }
    if (performance.now() > deadline) throw problem;
    await sleep(50);
  }
}

/** The pids of the processes that this one has started itself. */
export function childrenOf(pid: number | undefined): number[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  const pairs = stdout
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  return pairs.flatMap(([child, parent]) => (child !== undefined && parent === pid ? [child] : []));
}
