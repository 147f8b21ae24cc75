import { randomBytes, randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { Database } from "@/lib/db/client";
import type { Role } from "@/lib/engine/accounts/schemas";
import type { Scope } from "@/lib/engine/accounts/scopes";
import type { EngineContext } from "@/lib/engine/context";
import { log } from "@/lib/log";
import { testDatabase } from "../../support/database";

const ORIGIN = "https://core.example:8443";
const roles: Role[] = ["administrator", "approver", "engineer", "billing", "reader"];

let db: Database;
let serve: (request: Request) => Promise<Response>;
let contract: typeof import("@/lib/admin/contract").adminContract;
const tokens = new Map<Role, string>();

beforeAll(async () => {
  db = await testDatabase();
  process.env.DATABASE_URL = db.url;
  process.env.TWINCORE_SECRET = randomBytes(32).toString("hex");
  process.env.TWINCORE_PEER_URL = "https://core.example:8006";
  ({ serveAdmin: serve } = await import("@/lib/admin/serve"));
  ({ adminContract: contract } = await import("@/lib/admin/contract"));
  const { prepareCore } = await import("@/lib/engine/core/prepare");
  const { createAccount, createApiToken } = await import("@/lib/engine/accounts");
  const { env } = await import("@/lib/env");
  await prepareCore(db, { name: "door", secret: env().secret });
  for (const role of roles) {
    const email = `${role}@door.example`;
    const ctx = systemContext(env().secret);
    const account = await createAccount(ctx, { email, name: role, role, password: "a long enough password" });
    const credential = { kind: "browser", id: null, provenAt: new Date(), scopes: null } as const;
    const actor = { kind: "account", accountId: account.accountId, name: email, role, credential } as const;
    const scopes: Scope[] = ["*:read", "*:write", "protected"];
    const made = await createApiToken({ ...ctx, actor }, { name: "test", expiresInDays: null, scopes });
    tokens.set(role, made.token);
  }
});

function systemContext(secret: Buffer): EngineContext {
  return { actor: { kind: "system" }, db, enqueue: async () => undefined, log, now: () => new Date(), secret };
}

interface Call {
  role?: Role;
  method?: string;
  body?: string;
  headers?: Record<string, string>;
}

function call(path: string, { role, method = "GET", body, headers = {} }: Call = {}): Promise<Response> {
  const authorization: Record<string, string> = role ? { authorization: `Bearer ${tokens.get(role)}` } : {};
  const host = new URL(ORIGIN).host;
  return serve(
    new Request(`${ORIGIN}/api/v1${path}`, { method, body, headers: { host, ...authorization, ...headers } }),
  );
}

const concrete = (path: string) => path.replace(/\{\w+\}/g, () => randomUUID());
const bodyFor = (method: string) => (method === "GET" || method === "DELETE" ? undefined : "{}");

describe("the native API's door", () => {
  it("answers nobody who is not signed in, whatever the row, but for the open ones", async () => {
    for (const row of Object.values(contract)) {
      const answer = await call(concrete(row.path), { method: row.method, body: bodyFor(row.method) });
      expect(`${row.path} ${answer.status === 401}`).toBe(`${row.path} ${row.roles !== "anyone"}`);
    }
  });

  it("lets in exactly the roles of a row, for every row and role", async () => {
    for (const row of Object.values(contract)) {
      if (row.roles === "anyone") continue;
      for (const role of roles) {
        const answer = await call(concrete(row.path), { role, method: row.method, body: bodyFor(row.method) });
        const allowed = (row.roles as readonly Role[]).includes(role);
        expect(`${row.method} ${row.path} ${role} ${answer.status !== 403}`).toBe(
          `${row.method} ${row.path} ${role} ${allowed}`,
        );
        expect(answer.status).toBeLessThan(500);
      }
    }
  }, 180_000);

  it("refuses a token that was revoked, made up, or sent in another form", async () => {
    const made = await call("/tokens", { role: "reader", method: "POST", body: '{"name":"short-lived"}' });
    const { id, token } = (await made.json()) as { id: string; token: string };
    const me = (authorization: string) => call("/me", { headers: { authorization } });
    expect((await me(`Bearer ${token}`)).status).toBe(200);
    expect((await call(`/tokens/${id}`, { role: "reader", method: "DELETE" })).status).toBe(200);
    expect((await me(`Bearer ${token}`)).status).toBe(401);
    expect((await me("Bearer tc_madeup")).status).toBe(401);
    expect((await me("Basic YTpi")).status).toBe(401);
  });

  it("refuses what a page of another site makes the browser send", async () => {
    const cookie = { cookie: "next-auth.session-token=x" };
    const crossOrigin = { ...cookie, origin: "https://evil.example" };
    expect((await call("/tokens", { method: "POST", body: "{}", headers: crossOrigin })).status).toBe(403);
    expect((await call("/tokens", { method: "POST", body: "{}", headers: cookie })).status).toBe(403);
    expect((await call("/overview", { headers: { ...cookie, "sec-fetch-site": "cross-site" } })).status).toBe(403);
    expect((await call("/tokens", { method: "POST", body: "{}", headers: { ...cookie, origin: ORIGIN } })).status).toBe(
      401,
    );
  });

  it("says what is wrong with input: broken, too large, of the wrong shape, unknown, of the wrong method", async () => {
    const post = (body: string) => call("/tokens", { role: "administrator", method: "POST", body });
    expect((await post("{nonsense")).status).toBe(400);
    expect((await post("[1]")).status).toBe(400);
    expect((await post(JSON.stringify({ name: "x".repeat(2 * 1024 * 1024) }))).status).toBe(413);
    const wrong = await post('{"name":""}');
    expect(wrong.status).toBe(400);
    expect(wrong.headers.get("content-type")).toBe("application/problem+json");
    expect(await wrong.json()).toMatchObject({ code: "invalid_input", title: expect.stringContaining("name") });
    expect((await call("/nothing", { role: "reader" })).status).toBe(404);
    expect((await call("/tokens", { role: "reader", method: "PATCH", body: "{}" })).status).toBe(405);
    expect((await call("/agents/%E0%A4%A", { role: "reader" })).status).toBe(400);
    expect((await call(`/agents/${randomUUID()}`, { role: "reader" })).status).toBe(404);
  });

  it("gives each answer a request id, and keeps the caller's harmless one", async () => {
    expect(
      (await call("/me", { role: "reader", headers: { "x-request-id": "mine-1" } })).headers.get("x-request-id"),
    ).toBe("mine-1");
    const answer = await call("/me", { headers: { "x-request-id": "bad id\twith blanks" } });
    expect(((await answer.json()) as { requestId: string }).requestId).toMatch(/^[0-9a-f-]{36}$/);
  });
});
