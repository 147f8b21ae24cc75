import { beforeAll, describe, expect, it } from "vitest";
import { createAccessKey, deleteAccessKey, findAccessKey, listAccessKeys } from "@/lib/engine/access-keys";
import { createApiToken } from "@/lib/engine/accounts";
import type { EngineContext } from "@/lib/engine/context";
import {
  endVendorSignIn,
  endVendorSignInById,
  findVendorSignIn,
  listVendorSignIns,
  openVendorSignIn,
  renewVendorSignIn,
} from "@/lib/engine/vendor-sign-ins";
import { sweepVendorSignIns } from "@/lib/engine/vendor-sign-ins/end";
import { VENDOR_PASSWORD, VendorCore } from "../../support/vendor-core";

let core: VendorCore;
let ctx: EngineContext;
beforeAll(async () => {
  core = await VendorCore.start("Vault");
  ctx = core.peer.ctx();
});

const engineer = { email: "engineer@example.com", password: VENDOR_PASSWORD, address: "192.0.2.1" };
const open = (more: Partial<Parameters<typeof openVendorSignIn>[1]> = {}) =>
  openVendorSignIn(ctx, { door: "veeam", ...engineer, lifeSeconds: 3600, ...more });
const find = (token: string, second?: string | null) => findVendorSignIn(ctx, { door: "veeam", token, second });

/** What is told of a time that has passed, with the clock put back afterwards. */
async function secondsLater<T>(seconds: number, look: () => Promise<T>): Promise<T> {
  core.peer.aheadMs += seconds * 1000;
  try {
    return await look();
  } finally {
    core.peer.aheadMs -= seconds * 1000;
  }
}

async function asAccount(email: string): Promise<EngineContext> {
  const { id, role } = await core.peer.db.prisma.account.findUniqueOrThrow({ where: { email } });
  return core.peer.ctx({ kind: "account", accountId: id, name: email, role });
}

describe("a vendor sign-in", () => {
  it("is found by its token, at its own door alone", async () => {
    const { token, account } = await open();
    expect(account).toMatchObject({ email: engineer.email, role: "engineer" });
    expect(await find(token)).toMatchObject({ account, hasSecond: false });
    expect(await findVendorSignIn(ctx, { door: "cbr", token })).toBeNull();
    expect(await find(`${token}x`)).toBeNull();
  });

  it("keeps no token in the database or in the audit trail", async () => {
    const { token, second } = await open({ second: "paired" });
    const rows = [await core.peer.db.prisma.vendorSignIn.findMany(), await core.peer.db.prisma.auditEntry.findMany()];
    const kept = JSON.stringify(rows, (_, value) => (typeof value === "bigint" ? String(value) : value));
    expect(kept).not.toContain(token);
    expect(kept).not.toContain(String(second));
    expect(kept).not.toContain(VENDOR_PASSWORD);
  });

  it("ends after its life, and sooner when nobody uses it", async () => {
    const { token } = await open();
    const idle = await open({ idleSeconds: 600 });
    expect(await secondsLater(3599, () => find(token))).not.toBeNull();
    expect(await secondsLater(3600, () => find(token))).toBeNull();
    expect(await secondsLater(500, () => find(idle.token))).not.toBeNull();
    expect(await secondsLater(1000, () => find(idle.token))).not.toBeNull();
    expect(await secondsLater(1700, () => find(idle.token))).toBeNull();
  });

  it("says whether its second secret came with it", async () => {
    const { token, second } = await open({ second: "paired" });
    const other = await open({ second: "paired" });
    expect([await find(token, second), await find(token, other.second), await find(token, null)]).toMatchObject([
      { hasSecond: true },
      { hasSecond: false },
      { hasSecond: false },
    ]);
  });

  it("ends at its client's word, at an administrator's, and with its account", async () => {
    const [own, ordered, disabled] = [await open(), await open(), await open({ email: "billing@example.com" })];
    await endVendorSignIn(ctx, { door: "veeam", token: own.token });
    await endVendorSignIn(ctx, { door: "veeam", token: own.token });
    await endVendorSignInById(ctx, { id: ordered.id });
    await expect(endVendorSignInById(ctx, { id: ordered.id })).rejects.toMatchObject({ code: "not_found" });
    const where = { email: "billing@example.com" };
    await core.peer.db.prisma.account.update({ where, data: { disabledAt: new Date() } });
    expect(await Promise.all([own, ordered, disabled].map(({ token }) => find(token)))).toEqual([null, null, null]);
    await core.peer.db.prisma.account.update({ where, data: { disabledAt: null } });
  });

  it("is listed while it counts, and forgotten long after", async () => {
    const { id } = await open({ door: "powerstore" });
    const list = () => listVendorSignIns(ctx, { door: "powerstore", limit: 50 });
    expect((await list()).items).toMatchObject([{ id, door: "powerstore", account: { email: engineer.email } }]);
    expect((await secondsLater(3601, list)).items).toEqual([]);
    await secondsLater(31 * 24 * 3600 + 3601, () => sweepVendorSignIns(ctx));
    expect(await core.peer.db.prisma.vendorSignIn.count({ where: { id } })).toBe(0);
  });

  it("is refused for a wrong password and for nobody's name in the same words, and slower each time", async () => {
    const wrong = { email: "reader@example.com", password: "not the password", address: "192.0.2.66" };
    const words = await Promise.all(
      [wrong, { ...wrong, email: "nobody@example.com" }].map((input) =>
        open(input).catch((error: Error) => error.message),
      ),
    );
    expect(words[0]).toBe(words[1]);
    for (let attempt = 0; attempt < 8; attempt++) await open(wrong).catch(() => undefined);
    await expect(open({ ...wrong, password: VENDOR_PASSWORD })).rejects.toMatchObject({ code: "too_many_requests" });
  });
});

describe("renewing", () => {
  it("gives a new token for the refresh token, which then is spent, however often it is sent at once", async () => {
    const first = await open({ second: { renewableSeconds: 7200 } });
    const renew = () =>
      renewVendorSignIn(ctx, {
        door: "veeam",
        refreshToken: String(first.second),
        address: "192.0.2.1",
        lifeSeconds: 3600,
        second: { renewableSeconds: 7200 },
      });
    const answers = await Promise.allSettled([renew(), renew(), renew()]);
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await find(first.token)).toBeNull();
  });
});

describe("an API token", () => {
  it("does in the place of a sign-in's token and of its account's password, and of no other account's", async () => {
    const { token } = await createApiToken(await asAccount(engineer.email), { name: "script", expiresInDays: 1 });
    expect(await find(token)).toMatchObject({ id: null, hasSecond: true, account: { email: engineer.email } });
    expect(await open({ password: token })).toMatchObject({ account: { role: "engineer" } });
    await expect(open({ email: "administrator@example.com", password: token })).rejects.toMatchObject({
      code: "unauthenticated",
    });
  });
});

describe("an access key", () => {
  it("gives its secret once to its owner and later to whoever checks a signature", async () => {
    const owner = await asAccount(engineer.email);
    const { id, secret } = await createAccessKey(owner, { name: "sdk", expiresInDays: 1 });
    expect(await findAccessKey(ctx, { id })).toMatchObject({ secret, account: { email: engineer.email } });
    expect(JSON.stringify(await listAccessKeys(owner))).not.toContain(secret);
    const row = await core.peer.db.prisma.accessKey.findUniqueOrThrow({ where: { id } });
    expect(Buffer.from(row.sealedSecret).toString("latin1")).not.toContain(secret);
  });

  it("counts no more when it is deleted, expired, or its account disabled, and is nobody else's to delete", async () => {
    const owner = await asAccount(engineer.email);
    const { id } = await createAccessKey(owner, { name: "sdk", expiresInDays: 1 });
    await expect(deleteAccessKey(await asAccount("reader@example.com"), { id })).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await secondsLater(24 * 3600, () => findAccessKey(ctx, { id }))).toBeNull();
    await deleteAccessKey(owner, { id });
    expect(await findAccessKey(ctx, { id })).toBeNull();
    expect(await findAccessKey(ctx, { id: "A".repeat(20) })).toBeNull();
  });
});
