import { Secret, TOTP } from "otpauth";
import { beforeEach, describe, expect, it } from "vitest";
import {
  beginSecondFactor,
  changePassword,
  confirmSecondFactor,
  createAccount,
  createApiToken,
  createSignIn,
  getSecondFactor,
  getSignIn,
  listOwnSignIns,
  markProven,
  type Role,
  removeSecondFactor,
  renewRecoveryCodes,
  setSignInRules,
  turnOffSecondFactor,
  verifyOwner,
  verifyPassword,
  verifySecondFactor,
  verifySignIn,
} from "@/lib/engine/accounts";
import type { Scope } from "@/lib/engine/accounts/scopes";
import { verifyAdministrator } from "@/lib/engine/accounts/verify-administrator";
import type { Actor, EngineContext } from "@/lib/engine/context";
import { verifyVendorPassword } from "@/lib/engine/vendor-sign-ins";
import { PeopleCore } from "./people-core";

const PASSWORD = "correct horse battery";
const address = "10.0.0.7";
const core = await PeopleCore.start();
let email = "";
let accountId = "";
let mine: EngineContext;

const actor = (id: string, role: Role = "administrator"): Actor => ({
  kind: "account",
  accountId: id,
  name: email,
  role,
  tenantIds: null,
});

beforeEach(async () => {
  email = core.freshEmail();
  ({ accountId } = await createAccount(core.ctx(), { name: "Ada", email, password: PASSWORD, role: "administrator" }));
  mine = core.ctx(actor(accountId));
});

/** What the authenticator shows, some steps from now. */
const codeOf = (key: string, steps = 0) =>
  new TOTP({ secret: Secret.fromBase32(key) }).generate({ timestamp: core.now().getTime() + steps * 30_000 });

async function enrol(): Promise<{ key: string; codes: string[] }> {
  const { key } = await beginSecondFactor(mine, { password: PASSWORD });
  const { codes } = await confirmSecondFactor(mine, { code: codeOf(key) });
  // The code that was shown for it is used; the next one counts.
  core.advance(30_000);
  return { key, codes };
}

const signIn = (code?: string) => verifySignIn(core.ctx(), { email, password: PASSWORD, code, address });

describe("setting a second factor up", () => {
  it("takes the password, then a right code of the key that was shown; nothing is asked for before", async () => {
    await expect(beginSecondFactor(mine, { password: "wrong" })).rejects.toMatchObject({ code: "unauthenticated" });
    const { key, uri } = await beginSecondFactor(mine, { password: PASSWORD });
    expect(uri).toContain(`secret=${key}`);
    expect(uri).toMatch(/^otpauth:\/\/totp\//);
    await expect(confirmSecondFactor(mine, { code: "000000" })).rejects.toMatchObject({ code: "unauthenticated" });
    expect(await signIn()).toMatchObject({ way: "password" });
    const { codes } = await confirmSecondFactor(mine, { code: codeOf(key) });
    expect(new Set(codes).size).toBe(10);
    expect(await getSecondFactor(mine, {})).toMatchObject({ recoveryCodesLeft: 10, enabledAt: expect.any(String) });
    await expect(beginSecondFactor(mine, { password: PASSWORD })).rejects.toMatchObject({ code: "conflict" });
    await expect(confirmSecondFactor(mine, { code: codeOf(key, 1) })).rejects.toMatchObject({ code: "conflict" });
  });

  it("keeps neither the key nor a recovery code in the open, in no table and no log of who did what", async () => {
    const { key, codes } = await enrol();
    const rows = await core.db.pool.query(
      `select a::text as t from account a union all select r::text from recovery_code r union all select e::text from audit_entry e`,
    );
    const all = rows.rows.map(({ t }) => t).join("\n");
    const hex = Buffer.from(Secret.fromBase32(key).buffer).toString("hex");
    for (const told of [key, hex, ...codes, ...codes.map((code) => code.replaceAll("-", ""))])
      expect(all).not.toContain(told);
  });

  it("begun twice, only the later key counts", async () => {
    const first = await beginSecondFactor(mine, { password: PASSWORD });
    const second = await beginSecondFactor(mine, { password: PASSWORD });
    await expect(confirmSecondFactor(mine, { code: codeOf(first.key) })).rejects.toMatchObject({
      code: "unauthenticated",
    });
    await confirmSecondFactor(mine, { code: codeOf(second.key) });
  });
});

describe("signing in with a second factor", () => {
  it("takes the code with the password, and says when one is missing", async () => {
    const { key } = await enrol();
    await expect(signIn()).rejects.toMatchObject({
      code: "unauthenticated",
      options: { detail: "second-factor-needed" },
    });
    await expect(signIn("000000")).rejects.toMatchObject({ options: { detail: "second-factor-wrong" } });
    expect(await signIn(codeOf(key))).toMatchObject({ way: "second_factor", account: { accountId } });
  });

  it("says nothing of the second factor to who has not the password", async () => {
    await enrol();
    const wrong = { email, password: "wrong", address };
    for (const input of [wrong, { ...wrong, code: "000000" }])
      await expect(verifySignIn(core.ctx(), input)).rejects.toMatchObject({
        message: "The e-mail address or the password is wrong.",
        options: {},
      });
  });

  it("a code counts once: not again, not for two at once, and none that is older than one that was used", async () => {
    const { key } = await enrol();
    const code = codeOf(key, 1);
    const both = await Promise.allSettled([signIn(code), signIn(code)]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    await expect(signIn(code)).rejects.toMatchObject({ code: "unauthenticated" });
    await expect(signIn(codeOf(key))).rejects.toMatchObject({ code: "unauthenticated" });
    core.advance(60_000);
    await signIn(codeOf(key));
  });

  it("takes the code of a clock that is half a minute off, and of no other", async () => {
    const { key } = await enrol();
    core.advance(300_000);
    await expect(signIn(codeOf(key, 3))).rejects.toMatchObject({ code: "unauthenticated" });
    await expect(signIn(codeOf(key, -3))).rejects.toMatchObject({ code: "unauthenticated" });
    await signIn(codeOf(key, -1));
    await signIn(codeOf(key, 1));
  });

  it("guessing codes gets slow as guessing passwords does, and the right password does not make it quick again", async () => {
    const { key } = await enrol();
    for (let n = 0; n < 5; n++) await expect(signIn("000000")).rejects.toMatchObject({ code: "unauthenticated" });
    await expect(signIn(codeOf(key))).rejects.toMatchObject({ code: "too_many_requests" });
    core.advance(31_000);
    expect(await signIn(codeOf(key))).toMatchObject({ way: "second_factor" });
  });

  it("a recovery code stands in, however it is typed, once", async () => {
    const { codes } = await enrol();
    const [code = "", other = ""] = codes;
    const both = await Promise.allSettled([signIn(code), signIn(code)]);
    expect(both.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await expect(signIn(code)).rejects.toMatchObject({ options: { detail: "second-factor-wrong" } });
    await signIn(other.toLowerCase().replaceAll("-", " "));
    expect(await getSecondFactor(mine, {})).toMatchObject({ recoveryCodesLeft: 8 });
    const renewed = await renewRecoveryCodes(mine, { password: PASSWORD });
    await expect(signIn(codes[2])).rejects.toMatchObject({ code: "unauthenticated" });
    await signIn(renewed.codes[0]);
  });

  it("the password alone opens no other door either: clients of other vendors take an API token", async () => {
    await enrol();
    const input = { email, password: PASSWORD, address };
    for (const verify of [verifyPassword, verifyVendorPassword])
      await expect(verify(core.ctx(), input)).rejects.toMatchObject({
        code: "unauthenticated",
        options: { detail: "second-factor-needed" },
      });
  });
});

describe("an administrator who is asked by another core", () => {
  it("with a second factor shows a token for protected actions of pairing instead of the password", async () => {
    await enrol();
    const ask = (password: string, name = email) => verifyAdministrator(core.ctx(), { email: name, password, address });
    const tokenFor = async (scopes: Scope[]) => {
      const credential = { kind: "browser", id: null, provenAt: core.now(), scopes: null } as const;
      const me = core.ctx({ ...actor(accountId), credential } as Actor);
      return (await createApiToken(me, { name: "pair", expiresInDays: 1, scopes })).token;
    };
    await expect(ask(PASSWORD)).rejects.toMatchObject({ options: { detail: "second-factor-needed" } });
    const token = await tokenFor(["pairing:write", "protected"]);
    expect(await ask(token, email.toUpperCase())).toMatchObject({ accountId });
    await expect(ask(token, "somebody@example.com")).rejects.toMatchObject({ code: "unauthenticated" });
    for (const scopes of [["*:read", "*:write"], ["protected"], ["pairing:write"]] as Scope[][])
      await expect(ask(await tokenFor(scopes))).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("turning it off", () => {
  it("takes the password or a code; then the password alone opens, and the codes are worth nothing", async () => {
    const { key, codes } = await enrol();
    await expect(turnOffSecondFactor(mine, { password: "wrong" })).rejects.toMatchObject({ code: "unauthenticated" });
    await turnOffSecondFactor(mine, { code: codeOf(key) });
    expect(await signIn()).toMatchObject({ way: "password" });
    await expect(verifySecondFactor(core.ctx(), { accountId, code: codes[0] ?? "" })).rejects.toMatchObject({
      code: "unauthenticated",
    });
  });

  it("an administrator can remove another's, and the audit trail says who", async () => {
    await enrol();
    await removeSecondFactor(core.ctx(actor(await core.administrator())), { id: accountId });
    expect(await signIn()).toMatchObject({ way: "password" });
    expect(await core.audit("second-factor.remove", accountId)).toHaveLength(1);
    const again = removeSecondFactor(core.ctx(), { id: accountId });
    await expect(again).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("proving to be there", () => {
  it("takes password or code, slows guessing down, and marks the sign-in", async () => {
    const { key } = await enrol();
    const { id } = await createSignIn(core.ctx(), { accountId, address, userAgent: "test" });
    const before = (await getSignIn(core.ctx(), { id }))?.credential.provenAt;
    core.advance(60_000);
    await verifyOwner(mine, { password: PASSWORD });
    await verifyOwner(mine, { accountId, code: codeOf(key) });
    await markProven(mine, { signInId: id });
    const after = (await getSignIn(core.ctx(), { id }))?.credential.provenAt;
    expect((after?.getTime() ?? 0) - (before?.getTime() ?? 0)).toBeGreaterThanOrEqual(60_000);
    for (let n = 0; n < 5; n++)
      await expect(verifyOwner(mine, { password: "wrong" })).rejects.toMatchObject({ code: "unauthenticated" });
    await expect(verifyOwner(mine, { password: PASSWORD })).rejects.toMatchObject({ code: "too_many_requests" });
    await expect(verifyOwner(mine, {})).rejects.toMatchObject({ code: "invalid_input" });
    // Who sits at an open page does not lock its owner out elsewhere.
    core.advance(30_000);
    await signIn(codeOf(key));
  });
});

describe("one's own password", () => {
  it("changes for who knows the old one, and ends all other sign-ins", async () => {
    const here = await createSignIn(core.ctx(), { accountId, address, userAgent: "here" });
    const there = await createSignIn(core.ctx(), { accountId, address, userAgent: "there" });
    const credential = { kind: "browser", id: here.id, provenAt: null, scopes: null } as const;
    const me = core.ctx({ ...actor(accountId), credential } as Actor);
    const change = (oldPassword: string) => changePassword(me, { oldPassword, newPassword: "another long phrase" });
    await expect(change("wrong")).rejects.toMatchObject({ code: "unauthenticated" });
    expect(await change(PASSWORD)).toEqual({ ended: 1 });
    expect(await getSignIn(core.ctx(), { id: there.id })).toBeNull();
    const { items } = await listOwnSignIns(me, { limit: 10 });
    expect(items).toMatchObject([{ id: here.id, isCurrent: true, userAgent: "here", way: "password" }]);
    await expect(signIn()).rejects.toMatchObject({ code: "unauthenticated" });
  });
});

describe("a core that asks a role for a second factor", () => {
  it("lets who has none do nothing but set one up, from the next request on", async () => {
    const { id } = await createSignIn(core.ctx(), { accountId, address, userAgent: "test" });
    const must = async () => (await getSignIn(core.ctx(), { id }))?.mustEnrol;
    expect(await must()).toBe(false);
    await setSignInRules(core.ctx(), { secondFactorRoles: ["administrator"] });
    expect(await must()).toBe(true);
    await enrol();
    expect(await must()).toBe(false);
    await setSignInRules(core.ctx(), { secondFactorRoles: [] });
  });
});
