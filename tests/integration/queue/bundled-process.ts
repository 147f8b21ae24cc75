import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";
import { afterAll } from "vitest";

const root = path.resolve(import.meta.dirname, "../../..");

export interface TestProcess {
  /** What it has said so far over IPC. */
  readonly messages: Record<string, unknown>[];
  send(message: object): void;
  /** kill -9: it gets no chance to say goodbye. */
  kill(): Promise<void>;
  /** SIGTERM, and its exit status. */
  stop(): Promise<number | null>;
}

/** Bundles a TypeScript entry as the build does, so that a test can start, and kill, real processes of it. */
export async function bundled(entry: string): Promise<(env: Record<string, string>) => TestProcess> {
  // Below the checkout, so that packages are found.
  const folder = mkdtempSync(path.join(root, "node_modules", ".twincore-test-"));
  const file = path.join(folder, "entry.mjs");
  const alive = new Set<ChildProcess>();
  afterAll(async () => {
    await Promise.all([...alive].map((child) => killed(child)));
    rmSync(folder, { recursive: true, force: true });
  });
  await build({
    entryPoints: [path.join(root, entry)],
    outfile: file,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    packages: "external",
    alias: { "@": root, "server-only": path.join(root, "tests/support/server-only.ts") },
    logLevel: "error",
  });
  return (env) => start(file, env, alive);
}

function start(file: string, env: Record<string, string>, alive: Set<ChildProcess>): TestProcess {
  const child = spawn(process.execPath, [file], {
    env: { NODE_ENV: "test", PATH: process.env.PATH, TMPDIR: tmpdir(), TWINCORE_LOG_LEVEL: "warn", ...env },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const messages: Record<string, unknown>[] = [];
  alive.add(child);
  child.on("message", (message) => messages.push(message as Record<string, unknown>));
  child.on("exit", () => alive.delete(child));
  return {
    messages,
    send: (message) => child.send(message),
    kill: () => killed(child),
    stop: async () => {
      child.kill("SIGTERM");
      if (child.exitCode === null) await once(child, "exit");
      return child.exitCode;
    },
  };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
