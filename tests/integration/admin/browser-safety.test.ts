import { randomBytes, randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import path from "node:path";
import { encode } from "next-auth/jwt";
import { beforeAll, describe, expect, it } from "vitest";
import { authSecret, SIGN_IN_COOKIE } from "@/lib/auth/sign-in-cookie";
import { findRoot } from "@/lib/runtime/root";
import { PeerCore } from "@/tests/support/peer-core";

const HOST = "core.example:8443";
const core = await PeerCore.start("browser-safety");
let cookie = "";
let serve: (request: Request) => Promise<Response>;
let rows: [string, { method: string; path: string }][];
let streams: { at: string; address: string; method: string; call: Handler }[];

type Handler = (request: Request, context: object) => Promise<Response>;
/** Whatever parts an address has: an id each. */
const params = Promise.resolve(new Proxy({}, { get: (_, name) => (name === "then" ? undefined : randomUUID()) }));

/** Every route of the native API that is no row of its table. */
async function streamsBelow(folder: string) {
  const files = readdirSync(path.join(findRoot(), folder), { recursive: true, encoding: "utf8" });
  const routes = files.filter((file) => file.endsWith("/route.ts") && !file.includes("[..."));
  const found = routes.map(async (file) => {
    const handlers = (await import(path.join(findRoot(), folder, file))) as Record<string, Handler>;
    const methods = ["GET", "HEAD", "PUT", "POST", "PATCH", "DELETE"].filter((method) => handlers[method]);
    const address = `/${path.posix.dirname(file).replace(/\[\w+\]/g, () => randomUUID())}`;
    return methods.map((method) => ({ at: `${method} ${file}`, address, method, call: handlers[method] as Handler }));
  });
  return (await Promise.all(found)).flat();
}

beforeAll(async () => {
  process.env.DATABASE_URL = core.db.url;
  process.env.TWINCORE_SECRET = core.secret.toString("hex");
  ({ serveAdmin: serve } = await import("@/lib/admin/serve"));
  const { adminContract } = await import("@/lib/admin/contract");
  rows = Object.entries(adminContract).filter(([, { method }]) => method !== "GET");
  const { createAccount, createSignIn } = await import("@/lib/engine/accounts");
  const password = randomBytes(12).toString("hex");
  const made = await createAccount(core.ctx(), { name: "A", email: "a@x.example", role: "administrator", password });
  const signIn = await createSignIn(core.ctx(), { accountId: made.accountId, address: "192.0.2.1", userAgent: "test" });
  const token = await encode({ token: { signInId: signIn.id }, secret: authSecret(core.secret) });
  cookie = `${SIGN_IN_COOKIE}=${token}`;
  streams = await streamsBelow("app/api/v1");
});

const concrete = (path: string) => path.replace(/\{\w+\}/g, () => randomUUID());

function send(method: string, address: string, headers: Record<string, string>): Request {
  const body = ["GET", "HEAD", "DELETE"].includes(method) ? undefined : "{}";
  return new Request(`https://${HOST}/api/v1${address}`, { method, body, headers: { host: HOST, cookie, ...headers } });
}

/** How a page of another origin makes a browser send something. */
const FORGED: [string, Record<string, string>][] = [
  ["a foreign Origin", { origin: "https://evil.example" }],
  ["an Origin that hides itself", { origin: "null" }],
  ["another port of this host", { origin: "https://core.example:9999" }],
  ["this host without TLS's port", { origin: "https://core.example" }],
  ["a cross-site mark", { origin: `https://${HOST}`, "sec-fetch-site": "cross-site" }],
  ["a same-site mark of another origin", { origin: `https://${HOST}`, "sec-fetch-site": "same-site" }],
];
const WITHOUT: [string, Record<string, string>] = ["no Origin, and the cookie", {}];

/** Everything that changes leaves an entry; what a forged request leaves are entries about its refusal. */
const changes = () => core.db.prisma.auditEntry.count({ where: { result: { not: "refused" } } });

describe("a request that a page of another origin makes with somebody's cookie", () => {
  it.each([...FORGED, WITHOUT])("with %s changes nothing, whatever row it calls", async (_, headers) => {
    const before = await changes();
    const answers = await Promise.all(
      rows.map(
        async ([name, { method, path }]) => `${name} ${(await serve(send(method, concrete(path), headers))).status}`,
      ),
    );
    expect(answers).toEqual(rows.map(([name]) => `${name} 403`));
    expect(await changes()).toBe(before);
  });

  it.each(FORGED)(
    "with %s is answered by no stream: not the events, not a download, not a capture",
    async (_, headers) => {
      expect(streams.length).toBeGreaterThan(8);
      for (const { at, address, method, call } of streams)
        expect(`${at} ${(await call(send(method, address, headers), { params })).status}`).toBe(`${at} 403`);
    },
  );

  it("the page of this core itself gets through with the same cookie", async () => {
    const own = { origin: `https://${HOST}`, "sec-fetch-site": "same-origin" };
    expect((await serve(send("POST", "/audit/verify", own))).status).toBe(200);
    expect((await serve(send("GET", "/me", { "sec-fetch-site": "none" }))).status).toBe(200);
  });

  it("does not reach next-auth's own addresses either", async () => {
    const { serveAuth } = await import("@/lib/auth/serve");
    for (const [name, headers] of FORGED) {
      const request = new Request(`https://${HOST}/api/auth/signout`, {
        method: "POST",
        headers: { host: HOST, cookie, ...headers },
      });
      const answer = await serveAuth(request, { params: Promise.resolve({ nextauth: ["signout"] }) });
      expect(`${name} ${answer.status}`).toBe(`${name} 403`);
    }
  });
});
