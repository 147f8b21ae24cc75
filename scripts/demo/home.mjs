import { randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import path from "node:path";

const HOMES_MAX = 20;

/**
 * The first demo home below `base` that no other living demo uses: demo, demo-2, demo-3…
 * What a run learns (accounts, ids) is kept there, so that a second run goes on from it.
 */
export function openDemoHome(base) {
  for (let i = 1; i <= HOMES_MAX; i++) {
    const home = path.join(base, i === 1 ? "demo" : `demo-${i}`);
    mkdirSync(home, { recursive: true, mode: 0o700 });
    const lock = path.join(home, "lock");
    if (takeLock(lock)) return new DemoHome(home, lock);
  }
  throw new Error(`${HOMES_MAX} demos run already below ${base}; end one of them`);
}

class DemoHome {
  constructor(folder, lock) {
    this.folder = folder;
    this.lock = lock;
    this.file = path.join(folder, "demo.json");
    this.state = existsSync(this.file) ? JSON.parse(readFileSync(this.file, "utf8")) : {};
  }
  path(...parts) {
    return path.join(this.folder, ...parts);
  }
  /** Remembers values, readable by the owner only: passwords are among them. */
  remember(values) {
    Object.assign(this.state, values);
    writeFileSync(`${this.file}.new`, JSON.stringify(this.state, null, 2), { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
  }
  release() {
    rmSync(this.lock, { force: true });
  }
}

function takeLock(lock) {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const file = openSync(lock, "wx", 0o600);
      writeSync(file, String(process.pid));
      closeSync(file);
      return true;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (isAlive(Number(readFileSync(lock, "utf8")))) return false;
      rmSync(lock, { force: true });
    }
  }
  return false;
}

function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** A password that a person can read out: 100 bits. */
export const randomPassword = () =>
  randomBytes(15)
    .toString("base64url")
    .replace(/(.{5})/g, "$1-")
    .slice(0, 23);
