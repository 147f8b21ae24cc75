import { readdirSync, readFileSync } from "node:fs";

/** Living processes whose command line or environment names `text`: "pid command". */
export function processesNaming(text: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((pid) => {
      const command = read(pid, "cmdline").replaceAll("\0", " ").trim();
      // A process without a command line is a zombie that only waits for its parent.
      if (command === "") return [];
      return command.includes(text) || read(pid, "environ").includes(text) ? [`${pid} ${command}`] : [];
    });
}

function read(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "latin1");
  } catch {
    return "";
  }
}
