import { beforeEach, describe, expect, it } from "vitest";
import { eventStream, type Standing } from "@/lib/admin/event-stream";
import { createAccessKey } from "@/lib/engine/access-keys";
import { findAccessKey } from "@/lib/engine/access-keys/access-keys";
import {
  authenticateApiToken,
  createAccount,
  createApiToken,
  createSignIn,
  deleteAccount,
  disableAccount,
  enableAccount,
  endOtherSignIns,
  endOwnSignIn,
  endSignInById,
  getAccount,
  getPasswordLink,
  getSignIn,
  inviteAccount,
  listAccounts,
  listOwnSignIns,
  listSignIns,
  type Role,
  redeemPasswordLink,
  resetPassword,
  updateAccount,
  updateMe,
  verifyPassword,
} from "@/lib/engine/accounts";
import type { Actor, EngineContext } from "@/lib/engine/context";
import { findVendorSignIn, openVendorSignIn } from "@/lib/engine/vendor-sign-ins";
import { PeopleCore } from "./people-core";

const PASSWORD = "correct horse battery";
const address = "10.0.0.8";
const DAY_MS = 24 * 3600_000;
const core = await PeopleCore.start();
let rootId = "";
let root: EngineContext;

const actor = (accountId: string, name = "root@example.com", role: Role = "administrator"): Actor => ({
  kind: "account",
  accountId,
  name,
  role,
  tenantIds: null,
});
const invite = (role: Role = "engineer", tenantIds: string[] | null = null, email = core.freshEmail()) =>
  inviteAccount(root, { name: "Olaf", email, role, tenantIds });
const redeem = (token: string, password = PASSWORD) => redeemPasswordLink(core.ctx(), { token, password });
const tryPassword = (email: string, password = PASSWORD) => verifyPassword(core.ctx(), { email, password, address });
const open = (accountId: string, userAgent = "test") =>
  createSignIn(core.ctx(), { accountId, address, userAgent }).then(({ id }) => id);

beforeEach(async () => {
  await core.db.prisma.account.deleteMany();
  await core.db.prisma.throttle.deleteMany();
  rootId = await core.administrator();
  root = core.ctx(actor(rootId));
});

describe("an invitation", () => {
  it("is a link for one week and one use, kept as a hash, with which the owner chooses a password", async () => {
    const { account, link } = await invite("engineer");
    expect(account).toMatchObject({ state: "invited", role: "engineer", tenants: null });
    expect(await getPasswordLink(core.ctx(), { token: link.token })).toMatchObject({
      purpose: "invitation",
      email: account.email,
    });
    await expect(tryPassword(account.email)).rejects.toMatchObject({ code: "unauthenticated" });
    expect(await redeem(link.token)).toMatchObject({ email: account.email });
    expect(await tryPassword(account.email)).toMatchObject({ accountId: account.id, role: "engineer" });
    await expect(redeem(link.token, "another long phrase")).rejects.toMatchObject({ code: "forbidden" });
    await expect(getPasswordLink(core.ctx(), link)).rejects.toMatchObject({ code: "forbidden" });
    expect((await getAccount(root, account)).state).toBe("active");
    const told = JSON.stringify([
      await core.db.prisma.accountLink.findMany(),
      (await core.db.prisma.auditEntry.findMany()).map(({ detail }) => detail),
    ]);
    expect(told).not.toContain(link.token);
  });

  it("lets one of two in who use it at once", async () => {
    const { link } = await invite();
    const both = await Promise.allSettled([
      redeem(link.token, "the first phrase"),
      redeem(link.token, "the second phrase"),
    ]);
    expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("opens nothing after a week, after a newer one, or when the account is disabled", async () => {
    const old = await invite();
    core.advance(7 * DAY_MS);
    const first = await invite();
    const newer = await resetPassword(root, { id: first.account.id });
    const disabled = await invite();
    await disableAccount(root, disabled.account);
    await enableAccount(root, disabled.account);
    for (const { token } of [old.link, first.link, disabled.link, { token: "nonsense".repeat(5) }])
      await expect(redeem(token)).rejects.toMatchObject({ code: "forbidden" });
    await redeem(newer.token);
  });

  it("of an address that has an account is refused, also of two at once; one of a tenant that is not there, too", async () => {
    const email = core.freshEmail();
    const both = await Promise.allSettled([invite("reader", null, email), invite("reader", null, email)]);
    expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await expect(invite("reader", null, email)).rejects.toMatchObject({ code: "conflict" });
    await expect(invite("reader", ["00000000-0000-7000-8000-000000000000"])).rejects.toMatchObject({
      code: "invalid_input",
    });
  });

  it("that was mistyped can be removed; an account that was used stays, disabled", async () => {
    const { account } = await invite();
    await deleteAccount(root, account);
    await expect(getAccount(root, account)).rejects.toMatchObject({ code: "not_found" });
    await expect(deleteAccount(root, { id: rootId })).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("rights", () => {
  it("change with the next request, whatever it comes with", async () => {
    const tenant = await core.db.prisma.tenant.create({ data: { name: core.freshEmail() } });
    const { accountId } = await createAccount(core.ctx(), {
      name: "Eve",
      email: core.freshEmail(),
      password: PASSWORD,
      role: "engineer",
    });
    const signInId = await open(accountId);
    const { token } = await createApiToken(core.ctx(actor(accountId)), { name: "ci", expiresInDays: 1 });
    const found = async () => [
      (await getSignIn(core.ctx(), { id: signInId }))?.account,
      (await authenticateApiToken(core.ctx(), { token }))?.account,
    ];
    await updateAccount(root, { id: accountId, role: "billing", tenantIds: [tenant.id] });
    for (const account of await found()) expect(account).toMatchObject({ role: "billing", tenantIds: [tenant.id] });
    await updateAccount(root, { id: accountId, tenantIds: null });
    for (const account of await found()) expect(account).toMatchObject({ role: "billing", tenantIds: null });
    expect(await core.audit("account.update", accountId)).toHaveLength(2);
  });

  it("never leave a core without an administrator who can sign in and knows of all tenants", async () => {
    const tenant = await core.db.prisma.tenant.create({ data: { name: core.freshEmail() } });
    await invite("administrator");
    const last = { code: "conflict", options: { detail: "last-administrator" } };
    await expect(updateAccount(root, { id: rootId, role: "reader" })).rejects.toMatchObject(last);
    await expect(updateAccount(root, { id: rootId, tenantIds: [tenant.id] })).rejects.toMatchObject(last);
    await expect(disableAccount(root, { id: rootId })).rejects.toMatchObject(last);
    expect(await getAccount(root, { id: rootId })).toMatchObject({ role: "administrator", tenants: null });
  });

  it("of two administrators who demote each other at once, one stays", async () => {
    for (let round = 0; round < 5; round++) {
      const otherId = await core.administrator();
      const other = core.ctx(actor(otherId));
      const both = await Promise.allSettled([
        updateAccount(root, { id: otherId, role: "reader" }),
        round % 2 ? disableAccount(other, { id: rootId }) : updateAccount(other, { id: rootId, role: "reader" }),
      ]);
      expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      const { items } = await listAccounts(root, { role: "administrator", state: "active", limit: 10 });
      expect(items).toHaveLength(1);
      rootId = items[0]?.id ?? "";
      root = core.ctx(actor(rootId));
    }
  });
});

describe("an open stream of events", () => {
  /** Everything that a stream says until it ends, asked how its reader stands whenever the core asks. */
  const listen = (standing: () => Promise<Standing>) => new Response(eventStream(core.db, null, standing)).text();

  it("ends at once for who was signed out, and says so; one whose rights changed opens another", async () => {
    const signInId = await open(rootId);
    const other = await open(rootId);
    const { accountId } = await createAccount(core.ctx(), {
      name: "Eve",
      email: core.freshEmail(),
      password: PASSWORD,
      role: "engineer",
    });
    const standing = async (): Promise<Standing> =>
      (await getSignIn(core.ctx(), { id: signInId })) ? "same" : "signed-out";
    const role = async () => (await getAccount(root, { id: accountId })).role;
    const signedOut = listen(standing);
    const changed = listen(async () => ((await role()) === "engineer" ? "same" : "changed"));
    await endSignInById(root, { id: other });
    await updateAccount(root, { id: accountId, role: "reader" });
    expect(await changed).not.toContain("signed-out");
    await endSignInById(root, { id: signInId });
    expect(await signedOut).toMatch(/event: signed-out\ndata: {}\n\n$/);
  });
});

describe("a disabled account", () => {
  it("opens nothing more: no browser, password, token, key, vendor's sign-in or link; enabled, it can sign in anew", async () => {
    const email = core.freshEmail();
    const { accountId } = await createAccount(core.ctx(), { name: "Eve", email, password: PASSWORD, role: "engineer" });
    const me = core.ctx(actor(accountId, email, "engineer"));
    const signInId = await open(accountId);
    const { token } = await createApiToken(me, { name: "ci", expiresInDays: 1 });
    const key = await createAccessKey(me, { name: "ci", expiresInDays: 1 });
    const vendor = await openVendorSignIn(core.ctx(), {
      door: "powerstore",
      email,
      password: PASSWORD,
      address,
      lifeSeconds: 3600,
    });
    const opened = async () => [
      await getSignIn(core.ctx(), { id: signInId }),
      await tryPassword(email).catch(() => null),
      await authenticateApiToken(core.ctx(), { token }),
      await findAccessKey(core.ctx(), { id: key.id }),
      await findVendorSignIn(core.ctx(), { door: "powerstore", token: vendor.token }),
    ];
    expect(await opened()).not.toContain(null);
    await disableAccount(root, { id: accountId });
    expect((await disableAccount(root, { id: accountId })).state).toBe("disabled");
    expect(await opened()).toEqual([null, null, null, null, null]);
    await expect(resetPassword(root, { id: accountId })).rejects.toMatchObject({ code: "conflict" });
    await enableAccount(root, { id: accountId });
    const [browser, password, , , vendorSignIn] = await opened();
    expect(browser).toBeNull();
    expect(vendorSignIn).toBeNull();
    expect(password).not.toBeNull();
  });
});

describe("a password reset by an administrator", () => {
  it("ends the old password and all sign-ins at once, and the link sets a new one", async () => {
    const email = core.freshEmail();
    const { accountId } = await createAccount(core.ctx(), { name: "Eve", email, password: PASSWORD, role: "reader" });
    const signInId = await open(accountId);
    const { token } = await resetPassword(root, { id: accountId });
    expect(await getSignIn(core.ctx(), { id: signInId })).toBeNull();
    await expect(tryPassword(email)).rejects.toMatchObject({ code: "unauthenticated" });
    expect(await getPasswordLink(core.ctx(), { token })).toMatchObject({ email });
    await redeem(token, "quite another phrase");
    await tryPassword(email, "quite another phrase");
  });

  it("is not for one's own account", async () => {
    await expect(resetPassword(root, { id: rootId })).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("sign-ins", () => {
  it("are listed with where they come from, newest first, page by page, ended ones not", async () => {
    const ids = [await open(rootId, "Firefox"), await open(rootId, "Chrome"), await open(rootId, "Safari")];
    const { account } = await invite();
    const first = await listSignIns(root, { accountId: rootId, limit: 2 });
    const rest = await listSignIns(root, { accountId: rootId, limit: 2, cursor: first.nextCursor ?? "" });
    expect([...first.items, ...rest.items].map(({ userAgent }) => userAgent)).toEqual(["Safari", "Chrome", "Firefox"]);
    expect(first.items[0]).toMatchObject({ address, way: "password", account: { id: rootId }, isCurrent: false });
    expect((await listSignIns(root, { accountId: account.id, limit: 2 })).total).toBe(0);
    await endSignInById(root, { id: ids[0] ?? "" });
    expect((await listSignIns(root, { limit: 10 })).total).toBe(2);
    expect((await getAccount(root, { id: rootId })).signIns).toBe(2);
    core.advance(3 * 3600_000);
    expect((await listSignIns(root, { limit: 10 })).total).toBe(0);
  });

  it("of others can be ended by an administrator, whose name stays with it, and by their owner; by nobody else", async () => {
    const email = core.freshEmail();
    const { accountId } = await createAccount(core.ctx(), { name: "Eve", email, password: PASSWORD, role: "reader" });
    const eve = core.ctx(actor(accountId, email, "reader"));
    const rootSignIn = await open(rootId);
    await expect(endOwnSignIn(eve, { id: rootSignIn })).rejects.toMatchObject({ code: "not_found" });
    const [one, two] = [await open(accountId), await open(accountId)];
    await endSignInById(root, { id: one });
    const { endedBy } = await core.db.prisma.signIn.findUniqueOrThrow({ where: { id: one } });
    expect(endedBy).toBe("account:root@example.com");
    await expect(endSignInById(root, { id: one })).rejects.toMatchObject({ code: "not_found" });
    await endOwnSignIn(eve, { id: two });
    expect((await listOwnSignIns(eve, { limit: 10 })).total).toBe(0);
    expect(await getSignIn(core.ctx(), { id: rootSignIn })).not.toBeNull();
    expect(await core.audit("sign-in.end", accountId)).toHaveLength(2);
  });

  it("all but the one that asks end together", async () => {
    const [here] = [await open(rootId), await open(rootId), await open(rootId)];
    const credential = { kind: "browser", id: here ?? "", provenAt: null, scopes: null } as const;
    const me = core.ctx({ ...actor(rootId), credential } as Actor);
    expect(await endOtherSignIns(me, {})).toEqual({ ended: 2 });
    expect(await endOtherSignIns(me, {})).toEqual({ ended: 0 });
    expect(await getSignIn(core.ctx(), { id: here ?? "" })).not.toBeNull();
  });
});

describe("the list of people", () => {
  it("is filtered by text, role and state, and paged in the database", async () => {
    const olaf = await invite("billing");
    await disableAccount(root, (await invite("reader")).account);
    const emails = async (input: Partial<Parameters<typeof listAccounts>[1]>) =>
      (await listAccounts(root, { limit: 10, ...input })).items.map(({ email }) => email);
    expect(await emails({ state: "invited" })).toEqual([olaf.account.email]);
    expect(await emails({ role: "billing", state: "active" })).toEqual([]);
    expect(await emails({ text: olaf.account.email.toUpperCase() })).toEqual([olaf.account.email]);
    expect(await emails({ text: "%" })).toEqual([]);
    expect((await emails({})).length).toBe(3);
    const first = await listAccounts(root, { limit: 2 });
    expect(first.total).toBe(3);
    expect(await emails({ cursor: first.nextCursor ?? "" })).toHaveLength(1);
    expect(JSON.stringify(await getAccount(root, { id: rootId }))).not.toMatch(/argon2|hash/i);
  });

  it("shows a name that its owner changed", async () => {
    await updateMe(root, { name: "Root the Second" });
    expect(await getAccount(root, { id: rootId })).toMatchObject({ name: "Root the Second" });
  });
});
