import "server-only";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Entry, toExactText } from "@/lib/engine/folder-images";
import { deviceNumbers } from "./device";
import type { FileTarget } from "./file-target";

const run = promisify(execFile);
/** Making a node takes milliseconds; a command that hangs must not hold a restore. */
const COMMAND_MS_MAX = 10_000;

/** Makes a pipe or device with the system's own commands, as Node has no call for it. Answers why not, or null. */
export async function makeSpecial(target: FileTarget, entry: Entry): Promise<string | null> {
  const path = toExactText(target.at(entry.path).toString("latin1"));
  if (path === null) return "its name is not UTF-8, which no command can be given";
  try {
    await target.replacing(entry.path, () => makeNode(path, entry));
    await target.giveAttributesByPath(entry);
    return null;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ENOENT"
      ? "this machine has no command to make it"
      : "this core's user may not make it here";
  }
}

async function makeNode(path: string, entry: Entry): Promise<void> {
  const options = { timeout: COMMAND_MS_MAX };
  if (entry.type === "fifo") {
    await run("mkfifo", ["-m", "600", "--", path], options);
    return;
  }
  const { major, minor } = deviceNumbers(entry.number ?? 0n);
  const letter = entry.type === "block" ? "b" : "c";
  await run("mknod", ["-m", "600", "--", path, letter, String(major), String(minor)], options);
}
