import { spawn } from "node:child_process";
import path from "node:path";
import { type ErrorCode, TwincoreError } from "@/lib/errors";
import type { Settings } from "./settings";

export interface PreparationInput {
  home: string;
  name: string;
  databaseUrl: string;
  /** Hexadecimal; null lets the home's secret.key decide. */
  secret: string | null;
}

export type FromPreparation =
  | { kind: "failed"; code: ErrorCode; message: string }
  | {
      kind: "prepared";
      /** Names of the migrations that this start applied. */
      applied: string[];
      secret: string;
      coreId: string;
      caPem: string;
      setupUrlPath: string | null;
    };

export type Prepared = Extract<FromPreparation, { kind: "prepared" }>;

/** Migrations, key, core row and CA of one start; see entries/prepare.ts. `signal` ends it at once. */
export function prepareDatabase(
  settings: Settings,
  databaseUrl: string,
  root: string,
  signal: AbortSignal,
): Promise<Prepared> {
  const { home, name, secret } = settings;
  const input: PreparationInput = { home, name, databaseUrl, secret: secret?.toString("hex") ?? null };
  const child = spawn(process.execPath, ["--enable-source-maps", path.join(root, ".build", "prepare.mjs")], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    signal,
    killSignal: "SIGKILL",
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (status) =>
      reject(new TwincoreError("internal", `Preparing the database ended with status ${status}.`)),
    );
    child.once("message", (answer: FromPreparation) => {
      if (answer.kind === "prepared") resolve(answer);
      else reject(new TwincoreError(answer.code, answer.message));
    });
    child.send(input, (error) => error && reject(error));
  });
}
