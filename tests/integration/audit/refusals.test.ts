import { randomBytes, randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Role } from "@/lib/engine/accounts/schemas";
import { recordAttempt, recordRefusal, sweepRefusals, verifyAuditTrail } from "@/lib/engine/audit";
import { makeKeyPair, makeSelfSigned } from "@/lib/engine/trust/x509";
import { conflict, invalidInput, notFound, TwincoreError } from "@/lib/errors";
import { PEER_PREFIX } from "@/lib/peer/operation";
import { operations } from "@/lib/peer/operations";
import { VENDOR_PASSWORD, VendorCore } from "@/tests/support/vendor-core";
import { WireClient } from "@/tests/support/wire-client";

const HOST = "core.example:8443";
const vendors = await VendorCore.start("refusals");
const core = vendors.peer;
const tokens = new Map<Role, string>();
let serve: (request: Request) => Promise<Response>;

beforeAll(async () => {
  process.env.DATABASE_URL = core.db.url;
  process.env.TWINCORE_SECRET = core.secret.toString("hex");
  ({ serveAdmin: serve } = await import("@/lib/admin/serve"));
  const { createApiToken } = await import("@/lib/engine/accounts");
  for (const role of ["administrator", "reader"] as const) {
    const { id, email } = await core.db.prisma.account.findUniqueOrThrow({ where: { email: `${role}@example.com` } });
    const ctx = core.ctx({ kind: "account", accountId: id, name: email, role });
    tokens.set(role, (await createApiToken(ctx, { name: "t", expiresInDays: null })).token);
  }
});

let since = 0n;
const news = async () => {
  const rows = await core.db.prisma.auditEntry.findMany({ where: { id: { gt: since } }, orderBy: { id: "asc" } });
  return rows.map(({ id, at, position, hash, requestId, ...said }) => said);
};
beforeEach(async () => {
  core.aheadMs = 0;
  await core.db.prisma.auditRefusal.deleteMany();
  await core.db.prisma.throttle.deleteMany();
  since = (await core.db.prisma.auditEntry.aggregate({ _max: { id: true } }))._max.id ?? 0n;
});

function native(
  method: string,
  path: string,
  { role, headers = {}, body }: { role?: Role; headers?: Record<string, string>; body?: object } = {},
) {
  const authorization: Record<string, string> = role ? { authorization: `Bearer ${tokens.get(role)}` } : {};
  const all = { host: HOST, "x-twincore-client-address": "192.0.2.9", ...authorization, ...headers };
  return serve(
    new Request(`https://${HOST}/api/v1${path}`, { method, headers: all, body: body && JSON.stringify(body) }),
  );
}

describe("a refused attempt is in the audit trail", () => {
  it("of an account that may not, at the native API: who, from where, through which door, and why", async () => {
    const id = randomUUID();
    expect((await native("DELETE", `/repositories/${id}`, { role: "reader" })).status).toBe(403);
    expect(await news()).toEqual([
      expect.objectContaining({
        actor: "account:reader@example.com",
        actorKind: "account",
        action: "call.deleteRepository",
        subject: id,
        door: "api",
        address: "192.0.2.9",
        result: "refused",
        reason: expect.stringContaining("reader, may not"),
      }),
    ]);
  });

  it("of a page of another site, which sends somebody's cookie", async () => {
    const headers = { cookie: "__Host-twincore-sign-in=x", origin: "https://evil.example" };
    expect((await native("DELETE", `/repositories/${randomUUID()}`, { headers })).status).toBe(403);
    expect(await news()).toEqual([
      expect.objectContaining({ actorKind: "nobody", door: "browser", result: "refused" }),
    ]);
  });

  it("of a bearer token that is none; the token itself is not in it", async () => {
    const token = `tc_${randomBytes(32).toString("base64url")}`;
    await native("GET", "/me", { headers: { authorization: `Bearer ${token}` } });
    const [entry, ...others] = await news();
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ actor: "nobody", action: "token.use", door: "api", result: "refused" });
    expect(JSON.stringify(entry)).not.toContain(token.slice(3, 20));
  });

  it.each([
    ["unitrends", "/api/login", (password: string) => ({ body: { username: "reader@example.com", password } })],
    ["powerstore", "/api/rest/login_session", (password: string) => basic("reader@example.com", password)],
    [
      "veeam",
      "/v6/token",
      (password: string) => ({ body: `grant_type=password&username=reader@example.com&password=${password}` }),
    ],
    [
      "cbr",
      "/v3/auth/tokens",
      (password: string) => ({
        body: {
          auth: { identity: { methods: ["password"], password: { user: { name: "reader@example.com", password } } } },
        },
      }),
    ],
  ] as const)("of a wrong password at the door of %s, once, and never the password", async (door, path, request) => {
    await vendors.call(path, { method: door === "powerstore" ? "GET" : "POST", ...request("not-the-password") });
    const entries = await news();
    const said = { actor: "nobody", actorKind: "nobody", action: "sign-in.create", subject: "reader@example.com" };
    expect(entries).toEqual([expect.objectContaining({ ...said, door, address: "192.0.2.7", result: "refused" })]);
    expect(JSON.stringify(entries)).not.toContain("not-the-password");
  });

  it("of an account nobody has", async () => {
    await vendors.call("/api/login", {
      method: "POST",
      body: { username: `${"x".repeat(240)}@example.com`, password: VENDOR_PASSWORD },
    });
    expect(await news()).toEqual([
      expect.objectContaining({ subject: `${"x".repeat(240)}@example.com`, result: "refused" }),
    ]);
  });

  it("of somebody who is made to wait, once however often it is tried", async () => {
    for (let i = 0; i < 12; i++)
      await vendors.call("/api/login", {
        method: "POST",
        body: { username: "ann@example.com", password: `wrong ${i}` },
      });
    const reasons = (await news()).map(({ reason }) => reason);
    expect(reasons).toEqual(["The e-mail address or the password is wrong.", "Too many attempts: made to wait."]);
  });

  it("of a role that a vendor's row is not for", async () => {
    const signedIn = await vendors.call("/api/login", {
      method: "POST",
      body: { username: "billing@example.com", password: VENDOR_PASSWORD },
    });
    const { auth_token } = (await signedIn.json()) as { auth_token: string };
    const { unitrendsRows } = await import("@/lib/vendors/unitrends/rows");
    const row = unitrendsRows.find(
      ({ roles, path, method }) =>
        roles !== "anyone" && !roles.includes("billing") && method !== "GET" && !path.includes("{"),
    );
    expect(row).toBeDefined();
    await vendors.call(row?.path ?? "", { method: row?.method, headers: { authtoken: auth_token }, body: {} });
    const refusal = (await news()).at(-1);
    expect(refusal).toMatchObject({
      actor: "account:billing@example.com (unitrends)",
      action: `call.${row?.name}`,
      door: "unitrends",
    });
  });

  it("of a core whose certificate is not admitted, with its fingerprint; once an hour", async () => {
    const { keys, privatePem } = await makeKeyPair();
    const identity = { key: privatePem, cert: await makeSelfSigned(keys, "Stranger", new Date()) };
    const client = new WireClient(core.url, "json", identity);
    const paired = operations.find(({ auth, method }) => auth === "paired" && method === "GET");
    for (let i = 0; i < 3; i++) {
      const { status } = await client.send(
        "GET",
        `${PEER_PREFIX}${paired?.path.replace(/\{\w+\}/g, () => randomUUID())}`,
      );
      expect(status).toBe(401);
    }
    const entries = await news();
    expect(entries).toEqual([expect.objectContaining({ actorKind: "nobody", door: "peer", result: "refused" })]);
    expect(entries[0]?.subject).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  });

  it("nothing is written of who shows nothing, and of what is no attempt", async () => {
    await native("GET", "/me");
    await native("DELETE", `/repositories/${randomUUID()}`, { role: "administrator" });
    await native("POST", "/repositories", { role: "administrator", body: {} });
    await vendors.call("/api/systems");
    expect(await news()).toEqual([]);
  });
});

describe("a change that was ordered and did not work", () => {
  it("is in the trail as failed, with the reason, when the thing was there and the order made sense", async () => {
    const attempt = { operation: "deleteRepository", subject: "1", isOrder: true };
    await recordAttempt(core.ctx(), conflict("It is in use."), attempt);
    await recordAttempt(core.ctx(), new TwincoreError("storage_full", "Full."), attempt);
    const failed = { action: "call.deleteRepository", result: "failed" };
    expect(await news()).toEqual([
      expect.objectContaining({ ...failed, reason: "It is in use." }),
      expect.objectContaining({ ...failed, reason: "Full." }),
    ]);
  });

  it("is not when it was a wrong input, a thing that is not there, or only a question", async () => {
    const attempt = { operation: "x", subject: "1", isOrder: true };
    for (const error of [invalidInput("No."), notFound("thing")]) await recordAttempt(core.ctx(), error, attempt);
    await recordAttempt(core.ctx(), conflict("It is in use."), { ...attempt, isOrder: false });
    expect(await news()).toEqual([]);
  });
});

describe("nobody fills the disk by being refused", () => {
  const refusal = { action: "sign-in.create", subject: "ann@example.com", reason: "Wrong.", isNobody: true } as const;
  const from = (address: string) => ({ ...core.ctx({ kind: "system" }), address });

  it("the same attempt is one entry a minute, and one more with the number of the rest, also side by side", async () => {
    await Promise.all(Array.from({ length: 40 }, () => recordRefusal(from("192.0.2.1"), refusal)));
    expect(await news()).toHaveLength(1);
    core.aheadMs = 61_000;
    await sweepRefusals(core.ctx());
    expect((await news()).slice(1)).toEqual([
      expect.objectContaining({ subject: "ann@example.com", detail: expect.objectContaining({ times: 39 }) }),
    ]);
    await recordRefusal(from("192.0.2.1"), refusal);
    expect(await news()).toHaveLength(3);
  });

  it("different attempts from one address are thirty a minute, and then one entry with their number", async () => {
    for (let i = 0; i < 50; i++) await recordRefusal(from("192.0.2.1"), { ...refusal, subject: `${i}@example.com` });
    expect(await news()).toHaveLength(30);
    core.aheadMs = 61_000;
    await sweepRefusals(core.ctx());
    await sweepRefusals(core.ctx());
    const [more, ...others] = (await news()).slice(30);
    expect(more).toMatchObject({ action: "attempt.more", address: "192.0.2.1", detail: { times: 20 } });
    expect(others).toEqual([]);
  });

  it("attempts of nobody from any number of addresses are sixty a minute", async () => {
    for (let i = 0; i < 80; i++)
      await recordRefusal(from(`2001:db8::${i}`), { ...refusal, subject: `${i}@example.com` });
    expect(await news()).toHaveLength(60);
    core.aheadMs = 61_000;
    await sweepRefusals(core.ctx());
    expect((await news()).at(-1)).toMatchObject({ action: "attempt.more", address: "", detail: { times: 20 } });
    expect(await core.db.prisma.auditRefusal.count()).toBe(0);
    expect((await verifyAuditTrail(core.db, { secret: null })).state).toBe("sound");
  });

  it("an attempt that cannot be written down is refused all the same", async () => {
    const broken = {
      ...from("192.0.2.1"),
      db: { ...core.db, prisma: { $transaction: () => Promise.reject(new Error("gone")) } },
    };
    await expect(recordRefusal(broken as never, refusal)).resolves.toBeUndefined();
  });
});

function basic(email: string, password: string) {
  return { headers: { authorization: `Basic ${Buffer.from(`${email}:${password}`).toString("base64")}` } };
}

describe("what somebody reads", () => {
  it("is one entry an hour with who and what, and one more with how often", async () => {
    const { recordRead } = await import("@/lib/engine/audit");
    const read = { action: "image.download", subject: "p-1", detail: { imageId: "i-1" } };
    await Promise.all([recordRead(core.ctx(), read), recordRead(core.ctx(), read), recordRead(core.ctx(), read)]);
    await recordRead(core.ctx(), { ...read, detail: { imageId: "i-2" } });
    expect((await news()).map(({ detail, result }) => ({ detail, result }))).toEqual([
      { detail: { imageId: "i-1" }, result: "done" },
      { detail: { imageId: "i-2" }, result: "done" },
    ]);
    core.aheadMs = 3_601_000;
    await sweepRefusals(core.ctx());
    expect((await news()).at(-1)).toMatchObject({ action: "image.download", detail: { imageId: "i-1", times: 2 } });
  });
});
