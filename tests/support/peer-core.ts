import { randomBytes, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import type { TLSSocket } from "node:tls";
import { afterAll, inject } from "vitest";
import { type Database, openDatabase } from "@/lib/db/client";
import type { Actor, EngineContext, JobPayloads } from "@/lib/engine/context";
import { prepareCore } from "@/lib/engine/core";
import { pollPairing } from "@/lib/engine/pairing";
import { loadListenerCertificate } from "@/lib/engine/trust";
import { jobs } from "@/lib/jobs";
import type { JobHandler } from "@/lib/jobs/define";
import { log } from "@/lib/log";
import { dispatch } from "@/lib/peer/dispatch";
import { peerGateway } from "@/lib/peer/gateway";
import { ADDRESS_HEADER, CERTIFICATE_HEADER } from "@/lib/peer/identity";
import { emptyDatabase } from "./database";

interface Job {
  name: keyof JobPayloads;
  payload: JobPayloads[keyof JobPayloads];
}

/** A core as its processes see it: a database, a secret, a clock that the test moves, and a peer listener over real TLS. */
export class PeerCore {
  /** Asked for and not yet run. */
  jobs: Job[] = [];
  /** Added to the real clock. */
  aheadMs = 0;
  readonly home = mkdtempSync(path.join(tmpdir(), "twincore-home-"));
  private server: Server | undefined;
  private constructor(
    readonly name: string,
    public db: Database,
    readonly secret: Buffer,
    public port: number,
  ) {}

  static async start(name: string): Promise<PeerCore> {
    const { url, drop } = await emptyDatabase(inject("templateDatabase"));
    const core = new PeerCore(name, openDatabase(url), randomBytes(32), 0);
    await prepareCore(core.db, { name, secret: core.secret });
    await core.listen();
    afterAll(async () => {
      await core.stop();
      await drop();
      rmSync(core.home, { recursive: true, force: true });
    });
    return core;
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  ctx(
    actor: Actor = {
      kind: "account",
      accountId: "0",
      name: "anna@example.com",
      role: "administrator",
      // She signed in a moment ago, by the test's clock.
      credential: { kind: "browser", id: null, provenAt: new Date(Date.now() + this.aheadMs), scopes: null },
    },
  ): EngineContext {
    return {
      actor,
      db: this.db,
      secret: this.secret,
      home: this.home,
      log,
      now: () => new Date(Date.now() + this.aheadMs),
      peers: peerGateway,
      enqueue: async (name, payload) => void this.jobs.push({ name, payload }),
    };
  }

  /** Runs the polls that were asked for, without waiting for their time; whatever else was asked for stays in `jobs`. */
  async runPolls(): Promise<void> {
    const polls = this.jobs.filter(isPoll);
    this.jobs = this.jobs.filter((job) => !isPoll(job));
    for (const { payload } of polls) await pollPairing(this.ctx({ kind: "job", name: "poll-pairing" }), payload);
  }

  /** Does what was asked for under this name, as a worker would; what that asks for in turn stays in `jobs`. */
  async runJobs(name: keyof JobPayloads): Promise<void> {
    const due = this.jobs.filter((job) => job.name === name);
    this.jobs = this.jobs.filter((job) => job.name !== name);
    const work = (await jobs[name].handler()) as JobHandler<typeof name>;
    const call = { signal: new AbortController().signal, attempt: 0, owner: randomUUID() };
    for (const { payload } of due) await work(this.ctx({ kind: "job", name }), payload, call);
  }

  /** As after a crash: nothing but the database, the secret and the port remains. */
  async restart(): Promise<void> {
    await this.stop();
    this.db = openDatabase(this.db.url);
    await prepareCore(this.db, { name: this.name, secret: this.secret });
    await this.listen();
  }

  async stop(): Promise<void> {
    await this.stopListening();
    await this.db.close();
  }

  async stopListening(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  async listen(): Promise<void> {
    const { key, cert } = await loadListenerCertificate(this.db, this.secret, { name: "peer", hosts: ["127.0.0.1"] });
    const options = { key, cert, requestCert: true, rejectUnauthorized: false, minVersion: "TLSv1.3" } as const;
    const server = createServer(options, (request, response) => {
      const socket = request.socket as TLSSocket;
      const headers = new Headers(request.headersDistinct as unknown as Record<string, string>);
      headers.delete(CERTIFICATE_HEADER);
      const certificate = socket.getPeerCertificate(false);
      if (certificate?.raw) headers.set(CERTIFICATE_HEADER, certificate.raw.toString("base64"));
      headers.set(ADDRESS_HEADER, socket.remoteAddress ?? "unknown");
      const gone = new AbortController();
      response.on("close", () => gone.abort());
      const withBody = request.method !== "GET" && request.method !== "HEAD";
      const init = {
        method: request.method,
        headers,
        body: withBody ? (Readable.toWeb(request) as ReadableStream) : null,
        duplex: "half",
        signal: gone.signal,
      };
      const context = (actor: Actor, requestId: string) => ({ ...this.ctx(actor), requestId });
      dispatch(new Request(`${this.url}${request.url}`, init), { role: "peer", context }).then(async (answer) => {
        response.writeHead(answer.status, answer.statusText, Object.fromEntries(answer.headers));
        if (answer.body) for await (const chunk of answer.body) response.write(chunk);
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve));
    this.server = server;
    const address = server.address();
    this.port = typeof address === "object" && address ? address.port : 0;
  }
}

const isPoll = (job: Job): job is { name: "poll-pairing"; payload: JobPayloads["poll-pairing"] } =>
  job.name === "poll-pairing";

/** A repository row and a tenant's agent on a core, without a folder behind: pairing looks at rows only. */
export async function withAgents(
  core: PeerCore,
  names: string[],
): Promise<{ repositoryId: string; agentIds: string[] }> {
  const { prisma } = core.db;
  const mark = randomBytes(4).toString("hex");
  const repository = await prisma.repository.create({ data: { name: `main ${mark}`, path: `/nowhere/${mark}` } });
  const tenant = await prisma.tenant.findUniqueOrThrow({ where: { name: "Home" } });
  const agents = await prisma.agent.createManyAndReturn({
    data: names.map((name) => ({
      name,
      hostName: `${name}.example`,
      tenantId: tenant.id,
      repositoryId: repository.id,
    })),
  });
  return { repositoryId: repository.id, agentIds: agents.map((agent) => agent.id) };
}
