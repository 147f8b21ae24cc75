import { beforeAll, describe, expect, it } from "vitest";
import { createSignIn, getSignIn, toActor } from "@/lib/engine/accounts";
import type { EngineContext } from "@/lib/engine/context";
import { agreeToRequest, getProof, getTwoPersonRequest, prove } from "@/lib/engine/protection";
import { removeRecoveryPoint } from "@/lib/engine/recovery-points";
import { createSnapshotRule, updateSnapshotRule } from "@/lib/engine/snapshot-rules";
import { findVendorSignIn, openVendorSignIn, renewVendorSignIn } from "@/lib/engine/vendor-sign-ins";
import { TwincoreError } from "@/lib/errors";
import { PASSWORD, ProtectedWorld } from "./world";

const MINUTE_MS = 60_000;

let world: ProtectedWorld;
beforeAll(async () => {
  world = await ProtectedWorld.start();
});

/** As the browser of somebody who signed in; read anew for each request. */
async function browserOf(name: string): Promise<{ id: string; ctx: () => Promise<EngineContext> }> {
  const { accountId } = world.people.get(name) ?? { accountId: "" };
  const system = world.core.ctx({ kind: "system" });
  const { id } = await createSignIn(system, { accountId, address: "192.0.2.1", userAgent: "test", way: "password" });
  const ctx = async () => {
    const found = await getSignIn(world.core.ctx({ kind: "system" }), { id });
    if (!found) throw new Error("the sign-in has ended");
    return world.core.ctx(toActor(found));
  };
  return { id, ctx };
}

describe("a proof", () => {
  it("by the password makes a protected action pass that an older sign-in may not; a wrong one changes nothing", async () => {
    const { ctx } = await browserOf("anna");
    const { pointId } = await world.agentWithPoint();
    const before = await getProof(await ctx());
    expect(before).toMatchObject({ ways: ["password"], countsUntil: expect.any(String) });
    world.core.aheadMs += 16 * MINUTE_MS;
    expect((await getProof(await ctx())).countsUntil).toBeNull();
    const remove = async () => removeRecoveryPoint(await ctx(), { id: pointId });
    await expect(remove()).rejects.toMatchObject({ code: "step_up_required", options: { detail: "prove" } });
    await expect(prove(await ctx(), { password: "not the password" })).rejects.toMatchObject({
      code: "unauthenticated",
    });
    await expect(remove()).rejects.toMatchObject({ code: "step_up_required" });
    expect((await prove(await ctx(), { password: PASSWORD })).countsUntil).not.toBeNull();
    await remove();
    expect(await world.prisma.recoveryPoint.count({ where: { id: pointId } })).toBe(0);
    // Of this browser alone.
    const other = await browserOf("anna");
    await world.prisma.signIn.update({ where: { id: other.id }, data: { provenAt: new Date(0) } });
    expect((await getProof(await other.ctx())).countsUntil).toBeNull();
  });

  it("is not to be had by guessing", async () => {
    const { ctx } = await browserOf("berta");
    const guesses: string[] = [];
    for (let guess = 0; guess < 8; guess++)
      guesses.push(
        await prove(await ctx(), { password: `guess ${guess}` }).then(
          () => "let in",
          (error: unknown) => (error instanceof TwincoreError ? error.code : "failed"),
        ),
      );
    expect(guesses.at(-1)).toBe("too_many_requests");
    expect(guesses).not.toContain("let in");
  });

  it("of an account without password and second factor is signing in again, and no token can have one", async () => {
    const { ctx } = await browserOf("carl");
    await world.prisma.account.update({ where: { email: "carl@example.com" }, data: { passwordHash: null } });
    expect((await getProof(await ctx())).ways).toEqual([]);
    await expect(prove(await ctx(), { password: PASSWORD })).rejects.toThrow(/sign in again at your identity provider/);
    const token = world.with("anna", { kind: "api-token", id: null, provenAt: null, scopes: ["*:write"] });
    await expect(prove(token, { password: PASSWORD })).rejects.toThrow(/scope "protected"/);
  });

  it("of another vendor's client is its password, which a renewal does not make younger", async () => {
    const life = {
      door: "veeam",
      lifeSeconds: 3600,
      second: { renewableSeconds: 7200 },
      address: "192.0.2.9",
    } as const;
    const system = () => world.core.ctx({ kind: "system" });
    const opened = await openVendorSignIn(system(), { ...life, email: "anna@example.com", password: PASSWORD });
    world.core.aheadMs += 20 * MINUTE_MS;
    const renewed = await renewVendorSignIn(system(), { ...life, refreshToken: opened.second ?? "" });
    const found = await findVendorSignIn(system(), { door: "veeam", token: renewed.token });
    if (!found) throw new Error("the sign-in is not found");
    const { pointId } = await world.agentWithPoint();
    const work = removeRecoveryPoint(world.core.ctx(toActor(found, "veeam")), { id: pointId });
    await expect(work).rejects.toMatchObject({ code: "step_up_required", options: { detail: "sign-in" } });
  });
});

it("somebody who is bound to a tenant asks, and what is agreed to is done within that tenant", async () => {
  await world.requireSecondPerson(["delete-points"]);
  const { pointId, tenantId } = await world.agentWithPoint();
  await world.addPerson("frieda", "administrator", [tenantId]);
  const thrown = await removeRecoveryPoint(world.as("frieda"), { id: pointId }).catch((error: unknown) => error);
  if (!(thrown instanceof TwincoreError)) throw thrown;
  const id = thrown.options.agreementId ?? "";
  expect(thrown.code).toBe("agreement_pending");
  await agreeToRequest(world.as("berta"), { id });
  await world.core.runJobs("do-agreed-request");
  expect((await getTwoPersonRequest(world.as("frieda"), { id })).state).toBe("done");
  expect(await world.prisma.recoveryPoint.count({ where: { id: pointId } })).toBe(0);
});

it("somebody who is bound to a tenant cannot have people of it agree to what is about the whole core", async () => {
  await world.requireSecondPerson(["shorten-retention"]);
  const rule = await createSnapshotRule(world.core.ctx(), { name: "hourly", intervalMinutes: 60, retentionHours: 48 });
  const { tenantId } = await world.agentWithPoint();
  await world.addPerson("gustav", "engineer", [tenantId]);
  const { actor } = world.as("gustav");
  // As if a door let such an account in: the core's own database, and an account that is bound.
  const ctx = { ...world.as("gustav"), db: world.core.db, actor };
  await expect(updateSnapshotRule(ctx, { id: rule.id, retentionHours: 1 })).rejects.toMatchObject({
    code: "forbidden",
  });
});
