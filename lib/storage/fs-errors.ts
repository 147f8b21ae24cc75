import { systemCode, TwincoreError } from "@/lib/errors";

const MISSING = new Set(["ENOENT", "ENOTDIR"]);
const FULL = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);
const REFUSED = new Set(["EACCES", "EPERM", "EROFS"]);

/** Says an errno in the terms of StorageBackend. */
export function fsError(thrown: unknown, what: string): TwincoreError {
  if (thrown instanceof TwincoreError) return thrown;
  const code = systemCode(thrown) ?? "unknown";
  const options = { cause: thrown, detail: `${code}: ${what}` };
  if (MISSING.has(code)) return new TwincoreError("not_found", "There is no such object in this repository.", options);
  if (FULL.has(code))
    return new TwincoreError(
      "storage_full",
      "The disk of the repository is full. Free space on it; work goes on by itself.",
      options,
    );
  if (code === "EEXIST")
    return new TwincoreError("conflict", "The repository has an object of this name already.", options);
  if (REFUSED.has(code))
    return new TwincoreError(
      "unavailable",
      "This core may not use the folder of the repository. Give its user the right to read and write there.",
      options,
    );
  if (code === "ELOOP")
    return new TwincoreError("integrity", "A symbolic link lies where an object of the repository should be.", options);
  return new TwincoreError("unavailable", "The disk of the repository does not answer as it should just now.", options);
}
