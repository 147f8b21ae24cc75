import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type RequestOptions, request } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import type { RuntimeState } from "@/lib/runtime/home";
import { removePostgres } from "@/lib/runtime/postgres/start";
import { findRoot } from "@/lib/runtime/root";
import { eventually, isRunning } from "./processes";

/** A real core in processes of its own, as `npm start` runs it, on free ports and in a temporary home. */
export class TestCore {
  private output = "";
  private constructor(
    readonly home: string,
    readonly child: ChildProcess,
  ) {
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (this.output += text));
  }

  /** Spawns without waiting. Needs the build that `npm test` makes before it starts. */
  static launch(args: string[] = [], home = newHome()): TestCore {
    const root = findRoot();
    if (!existsSync(path.join(root, ".build/core.mjs"))) throw new Error("Build first: node scripts/ensure.mjs build");
    const environment: NodeJS.ProcessEnv = { ...process.env, NODE_ENV: "production" };
    for (const name of Object.keys(environment))
      if (/^(TWINCORE_|DATABASE_URL$|VITEST)/.test(name)) delete environment[name];
    const all = ["server.mjs", "--home", home, "--web-port", "0", "--peer-port", "0", "--vendor-port", "0", ...args];
    return new TestCore(
      home,
      spawn(process.execPath, all, { cwd: root, env: environment, stdio: ["ignore", "pipe", "pipe"] }),
    );
  }

  /** Launches and waits until it serves. */
  static async start(args: string[] = [], home?: string): Promise<TestCore> {
    const core = TestCore.launch(args, home);
    await eventually(() => {
      if (core.child.exitCode !== null) throw new Error(`the core ended at its start:\n${core.text}`);
      // A supervisor that was killed leaves its file behind.
      return existsSync(path.join(core.home, "runtime.json")) && core.state.pid === core.child.pid;
    }, 120_000);
    return core;
  }

  /** Everything it has printed. */
  get text(): string {
    return this.output;
  }

  get state(): RuntimeState {
    return JSON.parse(readFileSync(path.join(this.home, "runtime.json"), "utf8")) as RuntimeState;
  }

  pidOf(role: string): number {
    const found = this.state.processes.find((process) => process.role === role);
    if (!found) throw new Error(`no process has the role ${role}`);
    return found.pid;
  }

  /** The exit status once it has ended, within the bound. */
  async ended(boundMs = 30_000): Promise<number | null> {
    await eventually(() => this.child.exitCode !== null || this.child.signalCode !== null, boundMs);
    return this.child.exitCode;
  }

  /** Stops it if it runs and removes its home. */
  async dispose(): Promise<void> {
    const pids = existsSync(path.join(this.home, "runtime.json")) ? this.state.processes.map(({ pid }) => pid) : [];
    this.child.kill("SIGTERM");
    await this.ended();
    await eventually(() => !pids.some(isRunning));
    removePostgres(this.home);
    rmSync(this.home, { recursive: true, force: true });
  }
}

function newHome(): string {
  const home = mkdtempSync(path.join(tmpdir(), "twincore-core-"));
  // For root: lets the account of Postgres in, so that all of it lies here and goes with it.
  chmodSync(home, 0o711);
  return home;
}

export interface Answer {
  status: number;
  text: string;
}

/** One https request without checking the certificate: every core has a CA of its own. */
export function ask(url: string, options: RequestOptions = {}, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { rejectUnauthorized: false, agent: false, ...options }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}
