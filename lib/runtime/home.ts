import { randomBytes } from "node:crypto";
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { parseSecret, secretFile } from "@/lib/env";
import { systemCode, TwincoreError } from "@/lib/errors";
import { type HeldLock, lockHolder, tryLock } from "@/scripts/lib/lock.mjs";

/** Makes the home and takes it for this process. Throws `invalid_input` naming TWINCORE_HOME, or `conflict` when it is taken. */
export function takeHome(home: string): HeldLock {
  try {
    if (!existsSync(home)) {
      mkdirSync(home, { recursive: true });
      // Root lends Postgres another account, which must be able to pass through; files in here are 0600.
      chmodSync(home, process.getuid?.() === 0 ? 0o711 : 0o700);
    }
    accessSync(home, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const message = `TWINCORE_HOME is "${home}", and this account cannot write there (${systemCode(cause)}). Choose another folder with --home, or make it writable.`;
    throw new TwincoreError("invalid_input", message, { cause });
  }
  const file = path.join(home, "core.lock");
  const held = tryLock(file);
  if (held) return held;
  throw new TwincoreError(
    "conflict",
    `TWINCORE_HOME is "${home}", and process ${lockHolder(file)?.pid ?? "?"} already runs a core there. Stop it, or give this one another home with --home.`,
  );
}

/** The home's key-encryption key, or null when there is none yet. */
export function readSecret(home: string): Buffer | null {
  return existsSync(secretFile(home)) ? parseSecret(readFileSync(secretFile(home), "utf8")) : null;
}

/** Makes the key-encryption key of a new core. It must never be made a second time: what it sealed could not be read again. */
export function createSecret(home: string): Buffer {
  const secret = randomBytes(32);
  writeFileSync(secretFile(home), `${secret.toString("hex")}\n`, { mode: 0o600, flag: "wx" });
  return secret;
}

/** What a running core tells scripts about itself. Readable by its own account only: it holds the database's password. */
export interface RuntimeState {
  pid: number;
  name: string;
  coreId: string;
  /** The core's CA: what a script trusts when it calls the API. */
  caPem: string;
  webUrl: string | null;
  peerUrl: string | null;
  vendorUrl: string | null;
  databaseUrl: string;
  processes: { role: string; pid: number }[];
}

const STATE_FILE = "runtime.json";

export function writeState(home: string, state: RuntimeState): void {
  const file = path.join(home, STATE_FILE);
  writeFileSync(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function removeState(home: string): void {
  rmSync(path.join(home, STATE_FILE), { force: true });
}
