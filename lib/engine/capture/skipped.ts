import { type BytePath, toText } from "@/lib/engine/folder-images/path";
import type { SkippedFile } from "@/lib/engine/recovery-points/schemas";
import { invalidInput, systemCode } from "@/lib/errors";

/** As many as a recovery point keeps; the rest is counted. */
const KEPT_MAX = 1000;

/** What a capture could not take as it is, for the recovery point. */
export class SkippedList {
  readonly first: SkippedFile[] = [];
  private total = 0;

  get count(): number {
    return this.total;
  }

  add(path: BytePath, reason: string): void {
    this.total++;
    if (this.first.length < KEPT_MAX) this.first.push({ path: path === "" ? "." : toText(path), reason });
  }

  /** Throws what is not about this file alone. */
  addError(path: BytePath, error: unknown): void {
    assertAboutFile(error);
    this.add(path, reasonOf(error));
  }
}

const REASONS: Record<string, string> = {
  ENOENT: "vanished before it could be read",
  ENOTDIR: "vanished before it could be read",
  EACCES: "may not be read by this core's user",
  EPERM: "may not be read by this core's user",
  EIO: "the disk reports a read error",
  ELOOP: "became a symbolic link before it could be read",
  ENXIO: "became something that cannot be read",
  ESTALE: "its file system took it away",
  ENAMETOOLONG: "its path is longer than the system can open",
  ETXTBSY: "is in use",
};

/** A system error in words for the recovery point. */
export function reasonOf(error: unknown): string {
  const code = systemCode(error);
  return (code && REASONS[code]) ?? `could not be read (${code ?? "unknown error"})`;
}

/** Throws what is not the system's word about one file, such as too many open ones. */
export function assertAboutFile(error: unknown): void {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "EMFILE" || code === "ENFILE")
    throw invalidInput("This core has too many files open to go on reading. Raise its limit (ulimit -n).");
  if (typeof code !== "string" || !SYSTEM_CODE.test(code)) throw error;
}

const SYSTEM_CODE = /^E[A-Z0-9]+$/;
