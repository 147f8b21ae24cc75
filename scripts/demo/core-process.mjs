import { spawn } from "node:child_process";
import { createWriteStream, existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const root = path.resolve(import.meta.dirname, "../..");
const START_MS_MAX = 120_000;
const STOP_MS_MAX = 20_000;

/**
 * Starts one core of its own home on loopback and waits until it is ready. Ports are free ones unless named.
 * Its output goes to <home>/core.log. Returns { name, home, runtime, setupUrl, stop, exited }.
 */
export async function startCore({ name, home, env = {}, webPort = 0, peerPort = 0, vendorPort = 0 }) {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const log = createWriteStream(path.join(home, "core.log"), { flags: "a" });
  const args = [
    "server.mjs",
    "--home",
    home,
    "--name",
    name,
    "--web-port",
    String(webPort),
    "--peer-port",
    String(peerPort),
    "--vendor-port",
    String(vendorPort),
  ];
  // The channel is how the core notices that we are gone, however we went.
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output = (output + chunk).slice(-20_000);
      log.write(chunk);
    });
  }
  const core = { name, home, pid: child.pid, exitCode: undefined, output: () => output };
  core.exited = new Promise((resolve) =>
    child.once("exit", (code) => {
      core.exitCode = code ?? 1;
      resolve(core.exitCode);
    }),
  );
  core.stop = () => stopChild(child, core);
  core.runtime = await whenReady(core, child);
  core.setupUrl = /https:\/\/\S+\/setup#\S+/.exec(output)?.[0] ?? null;
  return core;
}

/** What the core says of itself now: URLs and the pid of each of its processes. */
export function readRuntime(home) {
  const file = path.join(home, "runtime.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
}

async function whenReady(core, child) {
  const until = Date.now() + START_MS_MAX;
  while (Date.now() < until) {
    if (core.exitCode !== undefined)
      throw new Error(`the core «${core.name}» did not start: ${lastLine(core.output())}`);
    const runtime = readRuntime(core.home);
    // It says so after it has written the file, and with it the link for its first administrator.
    if (runtime?.pid === child.pid && core.output().includes("is ready after")) return runtime;
    await pause(100);
  }
  await core.stop();
  throw new Error(`the core «${core.name}» was not ready within ${START_MS_MAX / 1000} s; see ${core.home}/core.log`);
}

async function stopChild(child, core) {
  if (core.exitCode !== undefined) return;
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS_MAX);
  await core.exited;
  clearTimeout(late);
}

function lastLine(text) {
  return text.trim().split("\n").filter(Boolean).at(-1) ?? "it said nothing";
}
