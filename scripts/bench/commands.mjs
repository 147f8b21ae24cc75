import { spawn, spawnSync } from "node:child_process";
import { openSync, readFileSync } from "node:fs";

/** Is this program on the PATH (or in /usr/sbin, where servers live)? Returns its path or null. */
export function findProgram(name) {
  const found = spawnSync("sh", ["-c", `PATH="$PATH:/usr/sbin:/sbin" command -v ${name}`], { encoding: "utf8" });
  return found.status === 0 ? found.stdout.trim() : null;
}

/** Runs a command to its end. Returns { seconds }; a failure is an error with the last line of what it said. */
export function run(command, args, { log, env = {}, cwd } = {}) {
  const startedAt = performance.now();
  const out = openSync(log, "a");
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", out, out] });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      const seconds = (performance.now() - startedAt) / 1000;
      if (code === 0) return resolve({ seconds });
      const said = readFileSync(log, "utf8").trim().split("\n").at(-1);
      reject(new Error(`${command} ended with ${code ?? signal}: ${said} (see ${log})`));
    });
  });
}

/** Bytes that went through the loopback interface so far; null where the kernel does not tell. Other traffic counts too. */
export function loopbackBytes() {
  try {
    const line = readFileSync("/proc/net/dev", "utf8")
      .split("\n")
      .find((text) => text.trim().startsWith("lo:"));
    return Number(line.split(":")[1].trim().split(/\s+/)[8]);
  } catch {
    return null;
  }
}

/** Flushes what was written, so that no step pays for the one before it. */
export const settle = () => void spawnSync("sync");
