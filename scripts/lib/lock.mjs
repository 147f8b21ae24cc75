// A lock held by a living process: plain Node, used before anything is installed and by the supervisor alike.
import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmdirSync, rmSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Start time of a process in kernel ticks, so that a reused pid is not taken for the old holder; "" where /proc is missing. */
export function startTimeOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command name may hold spaces and brackets: fields are counted after the last ")".
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

/** Is the process that wrote `holder` still the one that runs under this pid? */
export function isAlive(holder) {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (error.code !== "EPERM") return false;
  }
  return holder.started === startTimeOf(holder.pid);
}

/** The living holder of the lock file, or null. */
export function lockHolder(file) {
  try {
    const holder = JSON.parse(readFileSync(file, "utf8"));
    return isAlive(holder) ? holder : null;
  } catch {
    return null;
  }
}

function create(file) {
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  writeFileSync(temporary, JSON.stringify({ pid: process.pid, started: startTimeOf(process.pid) }), { mode: 0o600 });
  try {
    // A link appears with its whole content or not at all, so no reader ever sees an empty lock.
    linkSync(temporary, file);
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  } finally {
    unlinkSync(temporary);
  }
}

/** Removes a lock whose holder is dead. One remover at a time, else the second could remove the first one's new lock. */
function removeStale(file) {
  const guard = `${file}.removing`;
  try {
    mkdirSync(guard);
  } catch {
    const ageMs = Date.now() - (statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    // Removing takes microseconds; a guard this old was left by a process killed in between.
    if (ageMs > 10_000) rmSync(guard, { recursive: true, force: true });
    return;
  }
  try {
    if (!lockHolder(file)) rmSync(file, { force: true });
  } finally {
    rmdirSync(guard);
  }
}

/** Takes the lock or returns null when a living process holds it. */
export function tryLock(file) {
  mkdirSync(path.dirname(file), { recursive: true });
  for (let attempt = 0; attempt < 20; attempt++) {
    if (create(file)) return { release: () => rmSync(file, { force: true }) };
    if (lockHolder(file)) return null;
    removeStale(file);
  }
  return null;
}

/** Waits for the lock. `onWait(holder)` is called once when it has to wait. */
export async function lock(file, { timeoutMs, onWait }) {
  const deadline = Date.now() + timeoutMs;
  for (let waited = false; ; ) {
    const held = tryLock(file);
    if (held) return held;
    const holder = lockHolder(file);
    if (holder && !waited) {
      waited = true;
      onWait?.(holder);
    }
    if (Date.now() > deadline) throw new Error(`Process ${holder?.pid ?? "?"} still holds ${file}.`);
    await sleep(200);
  }
}
