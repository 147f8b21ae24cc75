// What is watched while a replication runs: answer times of the dashboard's requests, and the memory of every process.
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { readRuntime } from "../demo/core-process.mjs";
import { memberPids, residentBytes } from "../demo/memory.mjs";
import { percentile } from "./figures.mjs";

/** What an open dashboard asks for, and about how often while things move. */
const REQUESTS = ["/overview", "/sessions", "/agents", "/pairings"];
const ASK_MS = 500;
const MEMORY_MS = 200;

/** Asks each core for what its dashboard shows, over and over. stop() gives rows { core, path, count, p50Ms, p95Ms, maxMs }. */
export function watchDashboards(cores) {
  const abort = new AbortController();
  const times = new Map();
  const asking = cores.map(async (core) => {
    while (!abort.signal.aborted) {
      for (const path of REQUESTS) {
        const startedAt = performance.now();
        await core.api.call("GET", path);
        const key = `${core.name} ${path}`;
        times.set(key, [...(times.get(key) ?? []), performance.now() - startedAt]);
      }
      await pause(ASK_MS);
    }
  });
  return {
    stop: async () => {
      abort.abort();
      await Promise.all(asking);
      return [...times].map(([key, values]) => {
        const [core, path] = key.split(" ");
        const at = (share) => percentile(values, share);
        return { core, path, count: values.length, p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1) };
      });
    },
  };
}

/**
 * Highest resident memory of each process. Node processes know their own peak (VmHWM); the processes of Postgres are added up,
 * shared memory once. stop() gives rows { process, peakBytes }.
 */
export function watchMemory(cores) {
  const abort = new AbortController();
  const peaks = new Map();
  const look = () => {
    for (const core of cores) {
      const runtime = readRuntime(core.home);
      const processes = [...(runtime?.processes ?? []), { role: "supervisor", pid: core.pid }];
      for (const { role, pid } of processes) {
        const bytes = role === "postgres" ? postgresBytes(pid) : (residentBytes(pid)?.peak ?? 0);
        const key = `${core.name} ${role}`;
        peaks.set(key, Math.max(peaks.get(key) ?? 0, bytes));
      }
    }
  };
  const looking = (async () => {
    while (!abort.signal.aborted) {
      look();
      await pause(MEMORY_MS);
    }
  })();
  return {
    stop: async () => {
      abort.abort();
      await looking;
      look();
      return [...peaks].map(([process, peakBytes]) => ({ process, peakBytes }));
    },
  };
}

/** Processor seconds of each process from now to stop(), threads and all: rows { process, cpuSeconds }, and what of the machine was busy. */
export function watchProcessors(cores) {
  const startedAt = performance.now();
  const before = new Map(processorTimes(cores));
  const busyBefore = machineBusySeconds();
  return {
    stop: () => {
      const seconds = (performance.now() - startedAt) / 1000;
      const rows = processorTimes(cores).map(([process, used]) => ({
        process,
        cpuSeconds: used - (before.get(process) ?? 0),
      }));
      const ours = rows.reduce((sum, row) => sum + row.cpuSeconds, 0);
      return { seconds, rows, othersSeconds: Math.max(0, machineBusySeconds() - busyBefore - ours) };
    },
  };
}

function processorTimes(cores) {
  return cores.flatMap((core) => {
    const processes = [...(readRuntime(core.home)?.processes ?? []), { role: "supervisor", pid: core.pid }];
    return processes.map(({ role, pid }) => {
      const pids = role === "postgres" ? memberPids(pid) : [pid];
      return [`${core.name} ${role}`, pids.reduce((sum, one) => sum + processorSeconds(one), 0)];
    });
  });
}

/** Kernel ticks are hundredths of a second on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

function processorSeconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}

/** Everything that any process did, and what a virtual machine's host took away. */
function machineBusySeconds() {
  const [user, nice, system, , , interrupt, softInterrupt, stolen] = readFileSync("/proc/stat", "utf8")
    .split("\n")[0]
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + interrupt + softInterrupt + stolen) / TICKS_PER_SECOND;
}

function postgresBytes(pid) {
  const found = memberPids(pid).map(residentBytes).filter(Boolean);
  if (found.length === 0) return 0;
  const shared = Math.max(...found.map((one) => one.now - one.anonymous));
  return found.reduce((sum, one) => sum + one.anonymous, shared);
}
