import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import https from "node:https";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { Client } from "pg";
import { PgBoss } from "pg-boss";
import type { z } from "zod";
import { API_PREFIX, toRequest } from "@/lib/admin/call";
import { adminContract } from "@/lib/admin/contract";
import type { JobPayloads } from "@/lib/engine/context";
import type { Row } from "@/lib/http/row";
import { SENDER } from "@/lib/queue/settings";
import { apiClient, becomeAdministrator, signInForToken } from "@/scripts/demo/api.mjs";
import { type CoreProcess, type Runtime, readRuntime, startCore } from "@/scripts/demo/core-process.mjs";
import { until } from "./until";

export type RoleName = "web" | "peer" | "vendor" | "worker" | "postgres";

/** Let go before the core does, after 75 s: a request on a connection that is just being closed would fail. */
const KEPT = { keepAlive: true, timeout: 30_000 } as const;

/** One real core: its processes, its API as a script sees it, its database for looking at what was left behind. */
export class CoreUnderTest {
  readonly account = { name: "Tester", email: "", password: randomBytes(12).toString("hex") };
  private token = "";
  private agent = new https.Agent(KEPT);

  private constructor(
    readonly name: string,
    readonly home: string,
    private readonly env: Record<string, string>,
    private process: CoreProcess,
  ) {
    this.account.email = `admin@${name}.example`;
  }

  /** Starts a new core and creates its administrator, unless `setUp` is false. */
  static async start(name: string, folder: string, options: { env?: Record<string, string>; setUp?: boolean } = {}) {
    const home = path.join(folder, name);
    const env = { TWINCORE_LOG_LEVEL: "info", ...options.env };
    const core = new CoreUnderTest(name, home, env, await startCore({ name, home, env }));
    if (options.setUp !== false) await core.becomeAdministrator();
    return core;
  }

  get setupUrl(): string {
    if (this.process.setupUrl === null) throw new Error(`the core ${this.name} printed no set-up link`);
    return this.process.setupUrl;
  }

  /** What it says of itself now. */
  get runtime(): Runtime {
    const runtime = readRuntime(this.home);
    if (runtime === null) throw new Error(`the core ${this.name} is not running`);
    return runtime;
  }

  get pid(): number {
    return this.process.pid;
  }

  get logFile(): string {
    return path.join(this.home, "core.log");
  }

  async becomeAdministrator(): Promise<void> {
    const client = apiClient(this.runtime);
    this.token = await becomeAdministrator(client, this.setupUrl, this.account);
    client.close();
  }

  /** For a core whose administrator was created in the browser: makes a token with the same account. */
  async signIn(): Promise<void> {
    const client = apiClient(this.runtime);
    this.token = await signInForToken(client, this.account);
    client.close();
  }

  /** Calls one row of the native API as the administrator; the answer is parsed by the row. */
  async call<I extends z.ZodType, O extends z.ZodType>(row: Row<I, O>, input: z.input<I>): Promise<z.output<O>> {
    // Inputs of all rows are objects; the row's own schema says so to the caller.
    const { url, body } = toRequest(row, (input ?? {}) as Record<string, unknown>);
    const answer = await this.request(row.method, url, body);
    const text = await collect(answer);
    if ((answer.statusCode ?? 0) >= 400) throw new Error(`${row.method} ${url}: ${answer.statusCode} ${text}`);
    return row.output.parse(JSON.parse(text));
  }

  /** Reads a whole image through the API. Returns its SHA-256 and length. */
  digestOfImage(recoveryPointId: string, imageId: string): Promise<{ sha256: string; bytes: number }> {
    return this.digestOf(`${API_PREFIX}/recovery-points/${recoveryPointId}/images/${imageId}/content`);
  }

  /** Sends bytes to one of the addresses that take a stream. Returns the answer's JSON. */
  async put(url: string, body: AsyncIterable<Uint8Array>): Promise<unknown> {
    const { webUrl, caPem } = this.runtime;
    const headers = { authorization: `Bearer ${this.token}` };
    const sent = https.request(new URL(url, webUrl), { method: "PUT", headers, agent: this.agent, ca: caPem });
    const answered = once(sent, "response");
    await pipeline(body, sent);
    const [answer] = await answered;
    const text = await collect(answer);
    if (answer.statusCode >= 400) throw new Error(`PUT ${url}: ${answer.statusCode} ${text}`);
    return JSON.parse(text);
  }

  /** Reads a whole answer that is a stream. Returns its SHA-256 and length. */
  async digestOf(url: string): Promise<{ sha256: string; bytes: number }> {
    const answer = await this.request("GET", url);
    if (answer.statusCode !== 200) throw new Error(`GET ${url}: ${answer.statusCode} ${await collect(answer)}`);
    const hash = createHash("sha256");
    let bytes = 0;
    for await (const chunk of answer) {
      // Without an encoding, a response gives buffers.
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
    }
    return { sha256: hash.digest("hex"), bytes };
  }

  private request(method: string, url: string, body?: string): Promise<import("node:http").IncomingMessage> {
    const { webUrl, caPem } = this.runtime;
    const headers = {
      authorization: `Bearer ${this.token}`,
      ...(body === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
    };
    return new Promise((resolve, reject) => {
      const request = https.request(new URL(url, webUrl), { method, headers, agent: this.agent, ca: caPem });
      request.setTimeout(60_000, () => request.destroy(new Error(`${method} ${url}: no answer within 60 s`)));
      request.on("response", resolve).on("error", reject).end(body);
    });
  }

  /** Kills one of its processes, without a word, and gives the pid that was killed. */
  kill(role: RoleName, signal: NodeJS.Signals = "SIGKILL"): number {
    const found = this.runtime.processes.find((one) => one.role === role);
    if (!found) throw new Error(`the core ${this.name} has no process ${role}`);
    process.kill(found.pid, signal);
    return found.pid;
  }

  /** Resolves when the supervisor has put another process behind this role, and it answers. */
  async revived(role: RoleName, deadPid: number): Promise<void> {
    await until(`a new process ${role} of ${this.name}`, () =>
      this.runtime.processes.some((one) => one.role === role && one.pid !== deadPid),
    );
    await this.answers();
  }

  /** Resolves when the API answers. */
  async answers(): Promise<void> {
    await until(`an answer of ${this.name}`, () => this.call(adminContract.getOverview, {}));
  }

  /** The whole core dies at once: its supervisor is killed, and what it left behind ends by itself. */
  async killAll(): Promise<void> {
    process.kill(this.pid, "SIGKILL");
    await this.process.exited;
  }

  /** Starts it again on the same home. Ports are new ones. */
  async startAgain(): Promise<void> {
    this.agent.destroy();
    this.agent = new https.Agent(KEPT);
    this.process = await startCore({ name: this.name, home: this.home, env: this.env });
    await this.answers();
  }

  async stop(): Promise<void> {
    this.agent.destroy();
    await this.process.stop();
  }

  /** Asks its worker for a job now, as its clock would later. */
  async runJob(name: keyof JobPayloads): Promise<void> {
    const boss = new PgBoss({ ...SENDER, connectionString: this.runtime.databaseUrl });
    await boss.start();
    await boss.send(name, {});
    await boss.stop({ graceful: false, close: true });
  }

  /** Rows of its own database. */
  async rows<T extends Record<string, unknown>>(sql: string, values: unknown[] = []): Promise<T[]> {
    const client = new Client({ connectionString: this.runtime.databaseUrl });
    await client.connect();
    try {
      return (await client.query<T>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** The last lines of its log, for the message of a test that failed. */
  logTail(lines = 40): string {
    return readFileSync(this.logFile, "utf8").trim().split("\n").slice(-lines).join("\n");
  }
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
