import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { findRoot } from "@/lib/runtime/root";
import { lock, lockHolder, tryLock } from "@/scripts/lib/lock.mjs";

const folder = mkdtempSync(path.join(tmpdir(), "twincore-lock-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const module = JSON.stringify(path.join(findRoot(), "scripts/lib/lock.mjs"));

function run(code: string) {
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { child, ended };
}

test("of many processes at once only one is ever inside", async () => {
  const counter = path.join(folder, "counter");
  const file = JSON.stringify(path.join(folder, "many.lock"));
  writeFileSync(counter, "0");
  // Read, pause, write: two inside at once would lose counts.
  const code = `import { readFileSync, writeFileSync } from "node:fs";
    import { lock } from ${module};
    for (let i = 0; i < 5; i++) {
      const held = await lock(${file}, { timeoutMs: 50_000 });
      const before = Number(readFileSync(${JSON.stringify(counter)}, "utf8"));
      await new Promise((resolve) => setTimeout(resolve, 5));
      writeFileSync(${JSON.stringify(counter)}, String(before + 1));
      held.release();
    }`;
  const statuses = await Promise.all(Array.from({ length: 5 }, () => run(code).ended));
  expect(statuses).toEqual([0, 0, 0, 0, 0]);
  expect(readFileSync(counter, "utf8")).toBe("25");
});

test("the lock of a killed process is taken over, and that of a living one is not", async () => {
  const file = path.join(folder, "killed.lock");
  const { child, ended } = run(`import { tryLock } from ${module};
    tryLock(${JSON.stringify(file)}); process.stdout.write("held"); setInterval(() => undefined, 1000);`);
  await new Promise((resolve) => child.stdout.once("data", resolve));
  expect(tryLock(file)).toBeNull();
  expect(lockHolder(file)?.pid).toBe(child.pid);
  child.kill("SIGKILL");
  await ended;
  const taken = tryLock(file);
  expect(taken).not.toBeNull();
  expect(lockHolder(file)?.pid).toBe(process.pid);
  taken?.release();
});

test("the lock of a process whose number was given to another one is taken over", () => {
  const file = path.join(folder, "reused.lock");
  writeFileSync(file, JSON.stringify({ pid: process.pid, started: "1" }));
  const taken = tryLock(file);
  expect(taken).not.toBeNull();
  taken?.release();
});

test("whoever waits is told whom for, and gives up after its time", async () => {
  const file = path.join(folder, "waited.lock");
  const held = tryLock(file);
  const told: number[] = [];
  await expect(lock(file, { timeoutMs: 300, onWait: (holder) => told.push(holder.pid) })).rejects.toThrow(file);
  expect(told).toEqual([process.pid]);
  held?.release();
});
