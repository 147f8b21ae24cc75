import { readdirSync, readFileSync } from "node:fs";
import { readRuntime } from "./core-process.mjs";
import { bytes } from "./terminal.mjs";

/** [process, "now (peak)"] of each process of these cores; Postgres is one row: its server with all its backends. */
export function memoryRows(cores) {
  return cores.flatMap((core) => {
    const runtime = readRuntime(core.home);
    const processes = runtime ? [...runtime.processes, { role: "supervisor", pid: core.pid }] : [];
    return processes.map(({ role, pid }) => [
      `${core.name} ${role}`,
      residence(role === "postgres" ? memberPids(pid) : [pid], role),
    ]);
  });
}

/** Resident bytes without what Postgres shares between its processes (RssAnon), else the whole. */
export function residentBytes(pid) {
  const status = readStatus(pid);
  return status === null ? null : { now: status("VmRSS"), peak: status("VmHWM"), anonymous: status("RssAnon") };
}

function residence(pids, role) {
  const found = pids.map(residentBytes).filter(Boolean);
  if (found.length === 0) return "gone";
  if (role === "postgres") {
    const shared = Math.max(...found.map((one) => one.now - one.anonymous));
    return `${bytes(found.reduce((sum, one) => sum + one.anonymous, shared))} in ${found.length} processes`;
  }
  return `${bytes(found[0].now)} (${bytes(found[0].peak)})`;
}

function readStatus(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/status`, "utf8");
    return (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0) * 1024;
  } catch {
    return null;
  }
}

/** A process and its children. */
export function memberPids(parent) {
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return Number(readFileSync(`/proc/${name}/stat`, "utf8").split(") ")[1].split(" ")[1]) === parent;
      } catch {
        return false;
      }
    })
    .map(Number);
  return [parent, ...children];
}
