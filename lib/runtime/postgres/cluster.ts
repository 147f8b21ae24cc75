import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { chown, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { TwincoreError } from "@/lib/errors";
import type { Account } from "./account";
import type { Binaries } from "./binaries";
import { type Place, readPassword } from "./place";

/** Makes the data folder on first use, under another name first: a start killed half-way leaves no half database. */
export async function ensureCluster(place: Place, binaries: Binaries, account: Account | null): Promise<void> {
  if (existsSync(place.dataFolder)) return assertSameMajor(place, binaries);
  const suffix = randomBytes(4).toString("hex");
  const unfinished = `${place.dataFolder}.${suffix}`;
  const passwordFile = path.join(place.folder, `password.${suffix}`);
  await writeFile(passwordFile, `${readPassword(place.passwordFile)}\n`, { mode: 0o600 });
  if (account) await chown(passwordFile, account.uid, account.gid);
  try {
    // The builtin locale sorts the same on every machine and in every later version, so no index goes bad by an upgrade.
    const locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
    const access = ["--username=twincore", "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
    await promisify(execFile)(binaries.initdb, ["-D", unfinished, ...locale, ...access, "--no-instructions"], {
      ...account,
      cwd: place.folder,
      env: { ...process.env, LC_ALL: "C" },
    });
    await rename(unfinished, place.dataFolder);
  } catch (cause) {
    const why = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : String(cause);
    throw new TwincoreError(
      "unavailable",
      `The built-in Postgres could not make its database in ${place.folder}: ${why}`,
      {
        cause,
      },
    );
  } finally {
    await rm(unfinished, { recursive: true, force: true });
    await rm(passwordFile, { force: true });
  }
}

function assertSameMajor(place: Place, binaries: Binaries): void {
  const written = readFileSync(path.join(place.dataFolder, "PG_VERSION"), "utf8").trim();
  if (binaries.version.split(".")[0] === written) return;
  throw new TwincoreError(
    "conflict",
    `The database in ${place.dataFolder} was written by Postgres ${written}; this Twincore brings ${binaries.version}. Start the former version, dump with pg_dump, and restore into a new home.`,
  );
}

// A checkpoint of a busy database may take this long; after it the start would only make things worse.
const LEFTOVER_STOP_MS = 30_000;

/**
 * Stops a Postgres that an earlier, killed supervisor left on this data folder. The caller holds the home's lock, so
 * whoever started it is gone.
 */
export async function stopLeftover(place: Place): Promise<void> {
  const pid = leftoverPid(place);
  if (pid === null) return;
  for (const [signal, waitMs] of [
    ["SIGINT", LEFTOVER_STOP_MS],
    ["SIGQUIT", 5_000],
    ["SIGKILL", 5_000],
  ] as const) {
    trySignal(pid, signal);
    for (let waitedMs = 0; waitedMs < waitMs; waitedMs += 50) {
      if (leftoverPid(place) === null) return;
      await sleep(50);
    }
  }
  throw new TwincoreError("conflict", `Process ${pid} still runs on ${place.dataFolder} and cannot be stopped.`);
}

function leftoverPid(place: Place): number | null {
  try {
    const pid = Number(readFileSync(path.join(place.dataFolder, "postmaster.pid"), "utf8").split("\n")[0]);
    process.kill(pid, 0);
    return runsIn(pid, place.dataFolder) ? pid : null;
  } catch {
    return null;
  }
}

/** Postgres works inside its data folder; a process elsewhere only has the same number. Unknown (no /proc) counts as yes. */
function runsIn(pid: number, dataFolder: string): boolean {
  if (!existsSync("/proc/self/cwd")) return true;
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === dataFolder;
  } catch {
    return false;
  }
}

function trySignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself in the meantime.
  }
}
