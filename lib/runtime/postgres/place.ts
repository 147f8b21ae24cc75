import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { chmod, chown, mkdir } from "node:fs/promises";
import path from "node:path";
import { TwincoreError } from "@/lib/errors";
import { type Account, chooseAccount, succeedsAs } from "./account";
import { SHARED_FOLDER } from "./binaries";

/** Where one home keeps its database. */
export interface Place {
  /** Belongs to the account; holds the data folder, so that a half-made one can be renamed beside it. */
  folder: string;
  dataFolder: string;
  /** In the home, so that two homes never share one. */
  lockFile: string;
  passwordFile: string;
  logFile: string;
}

/**
 * The place of a home's database: inside the home when the account can enter it, else below /var/lib/twincore with a
 * pointer file in the home. A place once chosen stays, whatever the permissions above it become.
 */
export async function preparePlace(home: string): Promise<{ place: Place; account: Account | null }> {
  const own = path.join(realpathSync(home), "postgres");
  await mkdir(own, { recursive: true });
  const pointer = path.join(own, "location");
  const known = existsSync(pointer) ? readPointer(pointer, own) : own;
  const account = chooseAccount(path.join(known, "cluster", "data"));
  if (account) await chmod(own, 0o711);
  const fits = known !== own || existsSync(path.join(own, "cluster", "data")) || canEnter(account, own);
  const chosen = fits ? known : elsewhere();
  if (!fits) writePointer(pointer, { folder: chosen, home: own });
  const folder = path.join(chosen, "cluster");
  await makeFolder(folder, account);
  // For the person who finds the folder and wonders whose it is.
  if (chosen !== own) writeFileSync(path.join(chosen, "home"), `${own}\n`);
  const place: Place = {
    folder,
    dataFolder: path.join(folder, "data"),
    lockFile: path.join(own, "lock"),
    passwordFile: path.join(own, "password"),
    logFile: path.join(own, "postgres.log"),
  };
  return { place, account };
}

/** Removes a home's database and everything beside it. For homes made by tests and demonstrations. */
export function removePlace(home: string): void {
  const own = path.join(home, "postgres");
  const pointer = path.join(own, "location");
  if (existsSync(pointer)) rmSync(readPointer(pointer, realpathSync(own)), { recursive: true, force: true });
  rmSync(own, { recursive: true, force: true });
}

function canEnter(account: Account | null, folder: string): boolean {
  return account === null || succeedsAs(account, "/bin/sh", ["-c", 'test -x "$0"', folder]);
}

/** By chance, not by the home's path: a home that was removed and made again must not meet the database of the old one. */
function elsewhere(): string {
  return path.join(SHARED_FOLDER, randomBytes(8).toString("hex"));
}

async function makeFolder(folder: string, account: Account | null): Promise<void> {
  const parent = path.dirname(folder);
  await mkdir(parent, { recursive: true });
  if (parent.startsWith(`${SHARED_FOLDER}/`)) for (const at of [SHARED_FOLDER, parent]) await chmod(at, 0o755);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (account) await chown(folder, account.uid, account.gid);
}

function writePointer(file: string, pointer: { folder: string; home: string }): void {
  writeFileSync(file, `${pointer.folder}\n${pointer.home}\n`, { mode: 0o600 });
}

/** A moved home takes its database along; a copied one must not run on the database of the original. */
function readPointer(file: string, own: string): string {
  const [folder, writtenFor] = readFileSync(file, "utf8").split("\n");
  if (!folder?.startsWith(`${SHARED_FOLDER}/`) || !writtenFor)
    throw new TwincoreError("invalid_input", `${file} is damaged. It should name the folder of this home's database.`);
  if (writtenFor === own) return folder;
  if (existsSync(writtenFor))
    throw new TwincoreError(
      "conflict",
      `${own} was copied from ${writtenFor}, and its database in ${folder} belongs to the original. Remove ${file} to start with an empty database.`,
    );
  writePointer(file, { folder, home: own });
  return folder;
}

/** The database password of a home, made on first use. */
export function readPassword(file: string): string {
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(24).toString("hex")}\n`, { mode: 0o600, flag: "wx" });
  return readFileSync(file, "utf8").trim();
}
