import { beforeEach, describe, expect, it } from "vitest";
import { createAccount, disableAccount, getSignIn, inviteAccount } from "@/lib/engine/accounts";
import { type ProvenIdentity, signInByIdentity } from "@/lib/engine/accounts/identity-provider";
import { PeopleCore } from "./people-core";

const core = await PeopleCore.start();
let email = "";

beforeEach(async () => {
  await core.db.prisma.account.deleteMany();
  await core.administrator();
  email = core.freshEmail();
});

const come = (identity: Partial<ProvenIdentity> = {}) =>
  signInByIdentity(core.ctx(), {
    address: "10.0.0.5",
    userAgent: "test",
    identity: {
      issuer: "https://id.example",
      subject: `subject of ${email}`,
      email,
      isEmailVerified: true,
      name: "Ines",
      authenticatedAt: null,
      ...identity,
    },
  });
const who = async (id: string) => (await getSignIn(core.ctx(), { id }))?.account;
const refusedAs = (detail: string) => ({ code: "forbidden", options: { detail } });
const account = () =>
  createAccount(core.ctx(), { name: "Ines", email, password: "quite a long phrase", role: "engineer" });

describe("somebody whom the identity provider has proved", () => {
  it("is not let in without an account or a role, and the audit trail says that they came", async () => {
    await expect(come()).rejects.toMatchObject(refusedAs("unknown-account"));
    await expect(come({ role: null })).rejects.toMatchObject(refusedAs("no-role"));
    await expect(come({ email: null, role: "reader" })).rejects.toMatchObject(refusedAs("unknown-account"));
    expect(await core.db.prisma.account.count()).toBe(1);
    const entries = await core.audit("sign-in.create", email);
    expect(entries.length).toBeGreaterThan(0);
    for (const entry of entries) expect(entry.result).toBe("refused");
  });

  it("becomes the account of the same verified address, and is known by the identity alone from then on", async () => {
    const { accountId } = await account();
    await expect(come({ isEmailVerified: false })).rejects.toMatchObject(refusedAs("email-unverified"));
    expect(await who((await come({ email: email.toUpperCase() })).id)).toMatchObject({ accountId, role: "engineer" });
    const renamed = await come({ email: "another@example.com", isEmailVerified: false });
    expect(await who(renamed.id)).toMatchObject({ accountId });
    const [signIn] = await core.db.prisma.signIn.findMany({ where: { accountId } });
    expect(signIn?.way).toBe("identity");
  });

  it("cannot take an account that belongs to another identity, nor one that is disabled", async () => {
    const { accountId } = await account();
    await come();
    await expect(come({ subject: "somebody else" })).rejects.toMatchObject(refusedAs("other-identity"));
    await expect(come({ subject: "somebody else", issuer: "https://evil.example" })).rejects.toMatchObject(
      refusedAs("other-identity"),
    );
    await disableAccount(core.ctx(), { id: accountId });
    await expect(come()).rejects.toMatchObject(refusedAs("disabled"));
  });

  it("gets an account with the role and the tenants that the claims say, anew at each sign-in", async () => {
    const tenant = await core.db.prisma.tenant.create({ data: { name: core.freshEmail() } });
    const first = await come({ role: "reader", tenants: [tenant.name, "unheard of"] });
    expect(await who(first.id)).toMatchObject({ role: "reader", tenantIds: [tenant.id], email });
    await come({ role: "billing", tenants: "all" });
    expect(await who(first.id)).toMatchObject({ role: "billing", tenantIds: null });
    await expect(come({ role: "billing", tenants: ["unheard of"] })).rejects.toMatchObject(refusedAs("no-tenant"));
    await expect(come({ role: null })).rejects.toMatchObject(refusedAs("no-role"));
  });

  it("of two first sign-ins at once, one account is made", async () => {
    const both = await Promise.allSettled([come({ role: "reader" }), come({ role: "reader" })]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled"]);
    expect(await core.db.prisma.account.count({ where: { email } })).toBe(1);
  });

  it("may come to an invitation without its link, and never takes the last administrator away by a claim", async () => {
    await core.db.prisma.account.deleteMany();
    await inviteAccount(core.ctx(), { name: "Ines", email, role: "administrator", tenantIds: null });
    const { id } = await come();
    expect(await who(id)).toMatchObject({ role: "administrator" });
    await expect(come({ role: "reader" })).rejects.toMatchObject({ options: { detail: "last-administrator" } });
    expect(await who(id)).toMatchObject({ role: "administrator" });
  });

  it("has proved to be there when the provider says, never in the future", async () => {
    await account();
    const proven = async (authenticatedAt: Date) => {
      const { id } = await come({ authenticatedAt });
      return (await getSignIn(core.ctx(), { id }))?.credential.provenAt;
    };
    const hourAgo = new Date(core.now().getTime() - 3600_000);
    expect(await proven(hourAgo)).toEqual(hourAgo);
    expect(await proven(new Date(core.now().getTime() + 3600_000))).toEqual(core.now());
  });
});
