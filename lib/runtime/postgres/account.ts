import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { TwincoreError } from "@/lib/errors";

/** The account Postgres runs as; null means the account this process has. */
export interface Account {
  uid: number;
  gid: number;
}

const CREATE_ATTEMPTS = 5;

/**
 * Postgres refuses to run as root, so root lends it an unprivileged account: the owner of an existing data folder,
 * else "twincore" (made on first need), else "postgres", else "nobody".
 */
export function chooseAccount(dataFolder: string): Account | null {
  if (process.getuid?.() !== 0) return null;
  if (existsSync(dataFolder)) {
    const owner = statSync(dataFolder);
    if (owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  }
  const account = lookUp("twincore") ?? createAccount() ?? lookUp("postgres") ?? lookUp("nobody");
  if (account) return account;
  throw new TwincoreError(
    "unavailable",
    "The built-in Postgres cannot run as root and no account twincore, postgres or nobody exists. Create one of them, start Twincore as an ordinary user, or set DATABASE_URL.",
  );
}

function lookUp(name: string): Account | null {
  const uid = idOf("-u", name);
  const gid = idOf("-g", name);
  return uid && gid ? { uid, gid } : null;
}

function idOf(flag: "-u" | "-g", name: string): number | null {
  const { status, stdout } = spawnSync("id", [flag, name], { encoding: "utf8" });
  return status === 0 && /^\d+\s*$/.test(stdout) ? Number(stdout) : null;
}

function createAccount(): Account | null {
  for (let attempt = 0; attempt < CREATE_ATTEMPTS; attempt++) {
    const made = spawnSync("useradd", [
      "--system",
      "--user-group",
      "--no-create-home",
      "--shell",
      "/bin/false",
      "twincore",
    ]);
    const account = lookUp("twincore");
    if (account) return account;
    if (made.error) return null;
    // Another start may hold the lock of /etc/passwd just now.
    spawnSync("sleep", ["0.3"]);
  }
  return null;
}

/** Runs a small command as the account and says whether it succeeded: the only honest test of what it may reach. */
export function succeedsAs(account: Account | null, command: string, args: string[]): boolean {
  return spawnSync(command, args, { ...account, cwd: "/", stdio: "ignore", timeout: 10_000 }).status === 0;
}
