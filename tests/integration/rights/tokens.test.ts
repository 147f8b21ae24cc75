import { beforeAll, describe, expect, it } from "vitest";
import { createAccessKey, findAccessKey } from "@/lib/engine/access-keys";
import {
  authenticateApiToken,
  createAccount,
  createApiToken,
  deleteApiToken,
  listApiTokens,
} from "@/lib/engine/accounts";
import type { Scope } from "@/lib/engine/accounts/scopes";
import type { AccountActor, EngineContext } from "@/lib/engine/context";
import {
  exchangeVendorSignIn,
  findVendorSignIn,
  openVendorSignIn,
  renewVendorSignIn,
} from "@/lib/engine/vendor-sign-ins";
import { PeerCore } from "../../support/peer-core";

const DAY_MS = 24 * 3600_000;
const EMAIL = "ann@example.com";

let core: PeerCore;
let accountId: string;
let tenantId: string;

beforeAll(async () => {
  core = await PeerCore.start("Vault");
  const password = "a long enough password";
  accountId = (await createAccount(core.ctx(), { name: "Ann", email: EMAIL, role: "administrator", password }))
    .accountId;
  tenantId = (await core.db.prisma.tenant.create({ data: { name: "Acme" } })).id;
});

const actorOf = (credential: AccountActor["credential"]): AccountActor => ({
  ...{ kind: "account", accountId, name: EMAIL, role: "administrator", credential },
});
const person = () => core.ctx(actorOf({ kind: "browser", id: null, provenAt: new Date(), scopes: null }));

/** A context of whoever shows this token. */
async function shown(token: string): Promise<EngineContext> {
  const found = await authenticateApiToken({ ...core.ctx(), address: "192.0.2.9" }, { token });
  if (!found) throw new Error("the token is nobody's");
  return core.ctx(actorOf(found.credential));
}

const make = (ctx: EngineContext, scopes?: Scope[], expiresInDays: number | null = 5) =>
  createApiToken(ctx, { name: "made", scopes, expiresInDays });

describe("a token", () => {
  it("may read and write when nobody says more, and never skips what asks a person", async () => {
    expect((await make(person())).scopes).toEqual(["*:read", "*:write"]);
  });

  it("makes none that may do more than itself, and no access key", async () => {
    const ctx = await shown((await make(person(), ["*:read", "people:write"])).token);
    for (const scopes of [["*:write"], ["alerts:write"], undefined] as (Scope[] | undefined)[]) {
      const refused = { code: "forbidden", options: { detail: "scope" } };
      await expect(make(ctx, scopes)).rejects.toMatchObject(refused);
      await expect(createAccessKey(ctx, { name: "key", scopes })).rejects.toMatchObject(refused);
    }
    await expect(make(ctx, ["protected"])).rejects.toMatchObject({ code: expect.stringMatching(/forbidden|step_up/) });
    expect((await make(ctx, ["alerts:read"])).scopes).toEqual(["alerts:read"]);
  });

  it("makes none that lives longer than itself", async () => {
    const first = await make(person(), ["*:read", "*:write"], 2);
    const ctx = await shown(first.token);
    expect((await make(ctx, ["*:read"], null)).expiresAt).toBe(first.expiresAt);
    expect((await createAccessKey(ctx, { name: "key", expiresInDays: 300 })).expiresAt).toBe(first.expiresAt);
    const shorter = await make(ctx, ["*:read"], 1);
    expect(Date.parse(shorter.expiresAt ?? "")).toBeLessThan(Date.parse(first.expiresAt ?? ""));
  });

  it("says in its list what it is for, and when and from where it was used", async () => {
    const { id, token } = await make(person(), ["usage:read"]);
    await shown(token);
    const { items } = await listApiTokens(person(), { limit: 100 });
    expect(items.find((one) => one.id === id)).toMatchObject({
      scopes: ["usage:read"],
      lastUsedAddress: "192.0.2.9",
      lastUsedAt: expect.any(String),
    });
  });
});

describe("an access key", () => {
  it("carries its scopes to whoever it signs for", async () => {
    const { id } = await createAccessKey(person(), { name: "key", scopes: ["vendors:read"] });
    const found = await findAccessKey({ ...core.ctx(), address: "192.0.2.8" }, { id });
    expect(found?.credential).toMatchObject({ kind: "access-key", scopes: ["vendors:read"] });
    expect(await core.db.prisma.accessKey.findUnique({ where: { id } })).toMatchObject({
      lastUsedAddress: "192.0.2.8",
    });
  });
});

describe("a vendor's sign-in that was opened with a token", () => {
  const open = (password: string, more: object = {}) =>
    openVendorSignIn(core.ctx(), {
      ...{ door: "cbr", email: EMAIL, password, address: "192.0.2.7", lifeSeconds: 10 * 86_400 },
      ...more,
    });

  it("may do no more than the token, says nothing of a person, and hands on no more", async () => {
    const { token } = await make(person(), ["vendors:read"]);
    const opened = await open(token);
    const other = await exchangeVendorSignIn(core.ctx(), { door: "cbr", token: opened.token, address: "192.0.2.7" });
    for (const each of [opened, other]) {
      const found = await findVendorSignIn(core.ctx(), { door: "cbr", token: each.token });
      expect(found?.credential).toMatchObject({ kind: "vendor-sign-in", scopes: ["vendors:read"], provenAt: null });
    }
  });

  it("ends with the token: when it is revoked, and when it expires", async () => {
    const { id, token } = await make(person());
    const opened = await open(token);
    const { token: short } = await make(person(), undefined, 1);
    const expiring = await open(short);
    await deleteApiToken(person(), { id });
    expect(await findVendorSignIn(core.ctx(), { door: "cbr", token: opened.token })).toBeNull();
    const later = { ...core.ctx(), now: () => new Date(Date.now() + 2 * DAY_MS) };
    expect(await findVendorSignIn(core.ctx(), { door: "cbr", token: expiring.token })).not.toBeNull();
    expect(await findVendorSignIn(later, { door: "cbr", token: expiring.token })).toBeNull();
  });

  it("renews itself no more once the token has ended", async () => {
    const { id, token } = await make(person());
    const opened = await open(token, { door: "veeam", second: { renewableSeconds: 9 * 86_400 } });
    const renew = (refreshToken: string | null) =>
      renewVendorSignIn(core.ctx(), {
        ...{ door: "veeam", refreshToken: refreshToken ?? "", address: "192.0.2.7", lifeSeconds: 60 },
        second: { renewableSeconds: 9 * 86_400 },
      });
    const renewed = await renew(opened.second);
    await deleteApiToken(person(), { id });
    await expect(renew(renewed.second)).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it("is for none but the tenants of its account", async () => {
    const { token } = await make(person());
    await open(token, { scope: tenantId });
    await core.db.prisma.account.update({ where: { id: accountId }, data: { allTenants: false } });
    await expect(open(token, { scope: tenantId })).rejects.toMatchObject({ code: "unauthenticated" });
    await core.db.prisma.accountTenant.create({ data: { accountId, tenantId } });
    await open(token, { scope: tenantId });
    await core.db.prisma.account.update({ where: { id: accountId }, data: { allTenants: true } });
  });
});
