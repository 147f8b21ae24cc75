import "server-only";
import { open, readFile, rename, stat } from "node:fs/promises";
import path from "node:path";
import { systemCode } from "@/lib/errors";
import type { Checkpoint } from "./checkpoint";

/** About 6,000 lines, four days of a busy core. Each line covers the whole chain before it, so that older ones may go. */
const FILE_BYTES_MAX = 1024 * 1024;

export const checkpointFile = (home: string) => path.join(home, "audit-checkpoints.log");

/** Appends one line, durable when this returns; a full file becomes the `.1` beside it, in place of the one before. */
export async function appendCheckpoint(home: string, { at, position, hash, mac }: Checkpoint): Promise<void> {
  const file = checkpointFile(home);
  const sizeBytes = await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
  if (sizeBytes >= FILE_BYTES_MAX) await rename(file, `${file}.1`);
  const handle = await open(file, "a", 0o600);
  try {
    await handle.write(`${at.toISOString()} ${position} ${hash.toString("hex")} ${mac.toString("hex")}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The checkpoints of the home's file, oldest first; null: there is no such file. A torn last line, as a crash leaves it, is passed over. */
export async function readCheckpointFile(home: string): Promise<Checkpoint[] | null> {
  const texts = await Promise.all([`${checkpointFile(home)}.1`, checkpointFile(home)].map(readText));
  if (texts.every((text) => text === null)) return null;
  const lines = texts.join("").split("\n");
  return lines.flatMap((line) => toCheckpoint(line) ?? []);
}

function toCheckpoint(line: string): Checkpoint | null {
  const [, at, position, hash, mac] = /^(\S{24}) (\d{1,18}) ([0-9a-f]{64}) ([0-9a-f]{64})$/.exec(line) ?? [];
  if (!at || !position || !hash || !mac || Number.isNaN(Date.parse(at))) return null;
  return {
    at: new Date(at),
    position: BigInt(position),
    hash: Buffer.from(hash, "hex"),
    mac: Buffer.from(mac, "hex"),
  };
}

async function readText(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
}
