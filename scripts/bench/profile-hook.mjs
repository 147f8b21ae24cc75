// Loaded into every process of a benchmarked core (NODE_OPTIONS=--import): SIGUSR2 starts a CPU profile, the next one writes it.
import { mkdirSync, writeFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import path from "node:path";
import { isMainThread } from "node:worker_threads";

const SAMPLE_MICROSECONDS = 500;
const folder = process.env.TWINCORE_BENCH_PROFILES;
const role = process.env.TWINCORE_PROCESS_ROLE ?? "supervisor";
let session = null;

if (folder && isMainThread) process.on("SIGUSR2", () => (session ? finish() : start()));

async function start() {
  session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: SAMPLE_MICROSECONDS });
  await session.post("Profiler.start");
}

async function finish() {
  const ended = session;
  session = null;
  const { profile } = await ended.post("Profiler.stop");
  ended.disconnect();
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, `${role}-${process.pid}.cpuprofile`), JSON.stringify(profile));
}
