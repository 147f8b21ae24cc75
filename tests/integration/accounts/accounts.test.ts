import { randomBytes } from "node:crypto";
import { beforeEach, describe, expect, inject, it, onTestFinished } from "vitest";
import { type Database, openDatabase } from "@/lib/db/client";
import {
  authenticateApiToken,
  createAccount,
  createApiToken,
  createSignIn,
  deleteApiToken,
  endSignIn,
  getMe,
  getSignIn,
  listApiTokens,
  setUp,
  sweepAccounts,
  verifyPassword,
} from "@/lib/engine/accounts";
import type { Actor, EngineContext } from "@/lib/engine/context";
import { getCoreSummary, getOverview, prepareCore } from "@/lib/engine/core";
import { log } from "@/lib/log";
import { emptyDatabase } from "../../support/database";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const secret = randomBytes(32);
const PASSWORD = "correct horse battery";
let db: Database;
let aheadMs = 0;

beforeEach(async () => {
  const { url, drop } = await emptyDatabase(inject("templateDatabase"));
  db = openDatabase(url);
  aheadMs = 0;
  onTestFinished(async () => {
    await db.close();
    await drop();
  });
});

const now = () => new Date(Date.now() + aheadMs);
const ctx = (actor: Actor = { kind: "system" }): EngineContext => ({
  actor,
  db,
  secret,
  log,
  now,
  enqueue: async () => undefined,
  peerUrl: "https://me:8006",
});
const prepare = () => prepareCore(db, { name: "Vault", secret, now: now() });
const tokenOf = async () => (await prepare()).setupUrlPath?.split("#")[1] ?? "";
const anna = { name: "Anna", email: "anna@example.com", password: PASSWORD, role: "administrator" } as const;
const as = (accountId: string): Actor => ({ kind: "account", accountId, name: "x", role: "administrator" });
const attempt = (password: string, email: string = anna.email, address = "10.0.0.1") =>
  verifyPassword(ctx(), { email, password, address });

describe("the one-time link", () => {
  it("creates the first administrator, once", async () => {
    const token = await tokenOf();
    expect((await getCoreSummary(ctx(), {})).needsSetUp).toBe(true);
    const me = await setUp(ctx(), { token, ...anna });
    expect(me).toMatchObject({ email: anna.email, role: "administrator" });
    expect((await getCoreSummary(ctx(), {})).needsSetUp).toBe(false);
    await expect(setUp(ctx(), { token, ...anna, email: "b@example.com" })).rejects.toMatchObject({ code: "forbidden" });
    expect((await prepare()).setupUrlPath).toBeNull();
  });

  it("lets one of two in who use it at once", async () => {
    const token = await tokenOf();
    const tries = await Promise.allSettled(
      ["a@example.com", "b@example.com"].map((email) => setUp(ctx(), { token, ...anna, email })),
    );
    expect(tries.filter((each) => each.status === "fulfilled")).toHaveLength(1);
    expect(await db.prisma.account.count()).toBe(1);
  });

  it("ends after a day, and with the next start", async () => {
    const first = await tokenOf();
    const second = await tokenOf();
    await expect(setUp(ctx(), { token: first, ...anna })).rejects.toMatchObject({ code: "forbidden" });
    aheadMs = 25 * HOUR_MS;
    await expect(setUp(ctx(), { token: second, ...anna })).rejects.toMatchObject({ code: "forbidden" });
    expect(await db.prisma.account.count()).toBe(0);
  });

  it("is kept as a hash only", async () => {
    const token = await tokenOf();
    const [row] = await db.prisma.setupLink.findMany();
    expect(Buffer.from(row?.hash ?? []).includes(token)).toBe(false);
  });
});

describe("passwords", () => {
  beforeEach(async () => void (await createAccount(ctx(), anna)));

  it("are kept as argon2id with OWASP's cost, and never read by accident", async () => {
    const { passwordHash } = await db.prisma.account.findFirstOrThrow({ select: { passwordHash: true } });
    expect(passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(JSON.stringify(await db.prisma.account.findFirst())).not.toContain("argon2");
  });

  it("let the right one in, in any letter case of the address", async () => {
    expect(await attempt(PASSWORD, "ANNA@example.com ")).toMatchObject({ email: anna.email, role: "administrator" });
  });

  it("refuse a wrong one, an unknown account and a disabled account in the same words", async () => {
    const refusals = [
      await attempt("wrong").catch((e) => e),
      await attempt(PASSWORD, "nobody@example.com").catch((e) => e),
    ];
    await db.prisma.account.updateMany({ data: { disabledAt: new Date() } });
    refusals.push(await attempt(PASSWORD).catch((e) => e));
    expect(new Set(refusals.map((error) => `${error.code} ${error.message}`)).size).toBe(1);
    expect(refusals[0]).toMatchObject({ code: "unauthenticated" });
  });

  it("after five wrong ones even the right one waits, longer each time, and then gets in", async () => {
    for (let n = 0; n < 5; n++) await expect(attempt("wrong")).rejects.toMatchObject({ code: "unauthenticated" });
    await expect(attempt(PASSWORD)).rejects.toMatchObject({
      code: "too_many_requests",
      options: { retryAfterSeconds: expect.any(Number) },
    });
    aheadMs = 31_000;
    await expect(attempt("wrong")).rejects.toMatchObject({ code: "unauthenticated" });
    aheadMs = 62_000;
    await expect(attempt(PASSWORD)).rejects.toMatchObject({ code: "too_many_requests" });
    aheadMs = 100_000;
    expect(await attempt(PASSWORD)).toMatchObject({ email: anna.email });
    expect(await attempt(PASSWORD)).toMatchObject({ email: anna.email });
  });

  it("attempts side by side count as well as one after the other", async () => {
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => attempt("wrong")));
    const codes = tries.map((each) => (each.status === "rejected" ? each.reason.code : "in"));
    expect(codes.filter((code) => code === "unauthenticated")).toHaveLength(5);
    expect(codes.filter((code) => code === "too_many_requests")).toHaveLength(15);
  });

  it("guessing many accounts from one address gets slow too, and others are not held up", async () => {
    await db.prisma.throttle.create({ data: { key: "sign-in-address:10.0.0.1", count: 49, windowStart: now() } });
    await expect(attempt("wrong", "a@example.com")).rejects.toMatchObject({ code: "unauthenticated" });
    await expect(attempt("wrong", "b@example.com")).rejects.toMatchObject({ code: "too_many_requests" });
    expect(await attempt(PASSWORD, anna.email, "10.0.0.2")).toMatchObject({ email: anna.email });
  });

  it("that are right use up nothing, however often a script sends one with its calls", async () => {
    await db.prisma.throttle.create({ data: { key: "sign-in-address:10.0.0.1", count: 48, windowStart: now() } });
    for (let n = 0; n < 5; n++) expect(await attempt(PASSWORD)).toMatchObject({ email: anna.email });
    await expect(attempt("wrong")).rejects.toMatchObject({ code: "unauthenticated" });
    await expect(attempt("wrong", "b@example.com")).rejects.toMatchObject({ code: "unauthenticated" });
    await expect(attempt("wrong", "c@example.com")).rejects.toMatchObject({ code: "too_many_requests" });
  });

  it("a second account of the same address is refused", async () => {
    await expect(createAccount(ctx(), anna)).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("sign-ins", () => {
  const open = async () => {
    const { accountId } = await createAccount(ctx(), anna);
    return createSignIn(ctx(), { accountId, address: "10.0.0.1", userAgent: "test" });
  };

  it("are who they say until they are ended, at once", async () => {
    const { id } = await open();
    expect(await getSignIn(ctx(), { id })).toMatchObject({ account: { email: anna.email } });
    await endSignIn(ctx(), { id });
    await endSignIn(ctx(), { id });
    expect(await getSignIn(ctx(), { id })).toBeNull();
  });

  it("end after two idle hours, and after twelve hours however busy", async () => {
    const { id } = await open();
    for (aheadMs = 0; aheadMs < 12 * HOUR_MS; aheadMs += HOUR_MS) expect(await getSignIn(ctx(), { id })).not.toBeNull();
    expect(await getSignIn(ctx(), { id })).toBeNull();
    await db.prisma.account.deleteMany();
    aheadMs = 0;
    const other = await open();
    aheadMs = 2 * HOUR_MS + 1000;
    expect(await getSignIn(ctx(), { id: other.id })).toBeNull();
  });

  it("write at most once a minute", async () => {
    const { id } = await open();
    const seen = async () => (await db.prisma.signIn.findUniqueOrThrow({ where: { id } })).lastSeenAt.getTime();
    const before = await seen();
    aheadMs = 30_000;
    await getSignIn(ctx(), { id });
    expect(await seen()).toBe(before);
    aheadMs = 61_000;
    await getSignIn(ctx(), { id });
    expect(await seen()).toBeGreaterThan(before);
  });

  it("of a disabled account, of nobody and of nonsense are nobody's", async () => {
    const { id } = await open();
    await db.prisma.account.updateMany({ data: { disabledAt: new Date() } });
    for (const each of [id, "00000000-0000-7000-8000-000000000000", "nonsense"])
      expect(await getSignIn(ctx(), { id: each })).toBeNull();
  });

  it("are forgotten a month after their end", async () => {
    const { id } = await open();
    await endSignIn(ctx(), { id });
    await sweepAccounts(ctx());
    expect(await db.prisma.signIn.count()).toBe(1);
    aheadMs = 31 * 24 * HOUR_MS;
    await sweepAccounts(ctx());
    expect(await db.prisma.signIn.count()).toBe(0);
  });
});

describe("bearer tokens", () => {
  it("are their account until they expire or are deleted, are shown once and kept as a hash", async () => {
    const { accountId } = await createAccount(ctx(), anna);
    const mine = ctx(as(accountId));
    const made = await createApiToken(mine, { name: "ci", expiresInDays: 1 });
    expect(made.token).toMatch(/^tc_[\w-]{43}$/);
    expect(await authenticateApiToken(ctx(), { token: made.token })).toMatchObject({ account: { accountId } });
    expect(JSON.stringify(await db.prisma.apiToken.findMany())).not.toContain(made.token.slice(3));
    const forever = await createApiToken(mine, { name: "agent", expiresInDays: null });
    aheadMs = 25 * HOUR_MS;
    expect(await authenticateApiToken(ctx(), { token: made.token })).toBeNull();
    expect(await authenticateApiToken(ctx(), { token: forever.token })).not.toBeNull();
    expect((await listApiTokens(mine, { limit: 1 })).items.map((token) => token.name)).toEqual(["agent"]);
    await deleteApiToken(mine, { id: forever.id });
    expect(await authenticateApiToken(ctx(), { token: forever.token })).toBeNull();
    expect((await listApiTokens(mine, { limit: 10 })).total).toBe(1);
  });

  it("of others cannot be seen or deleted", async () => {
    const one = await createAccount(ctx(), anna);
    const two = await createAccount(ctx(), { ...anna, email: "b@example.com" });
    const { id, token } = await createApiToken(ctx(as(one.accountId)), { name: "ci", expiresInDays: null });
    await expect(deleteApiToken(ctx(as(two.accountId)), { id })).rejects.toMatchObject({ code: "not_found" });
    expect((await listApiTokens(ctx(as(two.accountId)), { limit: 10 })).items).toEqual([]);
    expect(await authenticateApiToken(ctx(), { token })).not.toBeNull();
  });

  it("page by page, newest first, none twice", async () => {
    const { accountId } = await createAccount(ctx(), anna);
    const mine = ctx(as(accountId));
    for (const name of ["a", "b", "c"]) await createApiToken(mine, { name, expiresInDays: null });
    const first = await listApiTokens(mine, { limit: 2 });
    const rest = await listApiTokens(mine, { limit: 2, cursor: first.nextCursor ?? "" });
    expect([...first.items, ...rest.items].map((token) => token.name)).toEqual(["c", "b", "a"]);
    expect(rest.nextCursor).toBeNull();
    await expect(listApiTokens(mine, { limit: 2, cursor: "nonsense" })).rejects.toMatchObject({
      code: "invalid_input",
    });
  });

  it("nonsense is nobody", async () => {
    for (const token of ["", "tc_", "tc_x", "Bearer"]) expect(await authenticateApiToken(ctx(), { token })).toBeNull();
    await expect(getMe(ctx(), {})).rejects.toMatchObject({ code: "unauthenticated" });
  });
});

describe("the overview", () => {
  it("of an empty core is all zeros, and tells where peers reach it", async () => {
    await prepare();
    const { core, counts, storage, usage } = await getOverview(ctx(), {});
    expect(core).toMatchObject({ name: "Vault", peerUrl: "https://me:8006", needsSetUp: true });
    expect(core.caFingerprint).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(Object.values(counts).every((count) => count === 0)).toBe(true);
    expect(Object.values(storage).every((bytes) => bytes === 0)).toBe(true);
    expect(usage).toEqual([]);
  });
});
