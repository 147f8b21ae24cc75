import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createApiToken } from "@/lib/engine/accounts";
import { listAlerts } from "@/lib/engine/alerts";
import type { EngineContext } from "@/lib/engine/context";
import { createEnrolmentToken } from "@/lib/engine/enrolment-tokens";
import {
  agreeToRequest,
  cancelTwoPersonRequest,
  denyTwoPersonRequest,
  explainTwoPersonRequest,
  getProtection,
  getTwoPersonRequest,
  guard,
  listTwoPersonRequests,
  sweepTwoPersonRequests,
  updateProtection,
} from "@/lib/engine/protection";
import { guardEach } from "@/lib/engine/protection/guard";
import { removeRecoveryPoint } from "@/lib/engine/recovery-points";
import { createSnapshotRule, updateSnapshotRule } from "@/lib/engine/snapshot-rules";
import { TwincoreError } from "@/lib/errors";
import { ProtectedWorld } from "./world";

const HOUR_MS = 3600_000;

let world: ProtectedWorld;
beforeAll(async () => {
  world = await ProtectedWorld.start();
});
beforeEach(async () => {
  world.core.jobs = [];
  await world.requireSecondPerson(["delete-points", "protected-tokens", "approve-pairing", "shorten-retention"]);
});

async function pendingOf(work: Promise<unknown>): Promise<string> {
  const thrown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof TwincoreError && thrown.options.agreementId) return thrown.options.agreementId;
  throw new Error(`nothing waits: ${String(thrown)}`);
}

/** A deletion that anna asked for. */
async function asked(): Promise<{ id: string; pointId: string; agentId: string }> {
  const { pointId, agentId } = await world.agentWithPoint();
  const id = await pendingOf(removeRecoveryPoint(world.as("anna"), { id: pointId }));
  return { id, pointId, agentId };
}

const isThere = async (pointId: string) => (await world.prisma.recoveryPoint.count({ where: { id: pointId } })) === 1;
const stateOf = async (id: string) => (await getTwoPersonRequest(world.as("carl"), { id })).state;
const doIt = () => world.core.runJobs("do-agreed-request");
const sweep = () => sweepTwoPersonRequests(world.core.ctx({ kind: "job", name: "sweep" }));

describe("a request", () => {
  it("says what will happen, who asked from where, until when, and who is needed; an alert and an event tell of it", async () => {
    const { id, pointId } = await asked();
    const request = await getTwoPersonRequest(world.as("carl"), { id });
    expect(request).toMatchObject({
      state: "waiting",
      action: "recovery-point.delete",
      ruleTitle: "Delete recovery points",
      subject: { kind: "recovery-point", id: pointId },
      requestedBy: { name: "anna@example.com" },
      door: "browser",
      agreers: ["administrator", "approver"],
      isMine: false,
      mayAgree: true,
    });
    expect(request.title).toMatch(/^Delete the recovery point 1 of "db-\S+", made .* UTC\.$/);
    expect(Date.parse(request.expiresAt) - Date.parse(request.createdAt)).toBe(24 * HOUR_MS);
    const alerts = await listAlerts(world.core.ctx(), { kind: "agreement-waiting", subjectId: id, limit: 5 });
    expect(alerts.items).toMatchObject([{ state: "open", title: expect.stringContaining(request.title) }]);
    expect(await world.prisma.event.count({ where: { kind: "two-person", subject: id } })).toBe(1);
  });

  it("is one, however often and by how many the same is asked for; the second who asks is told to agree", async () => {
    const { id, pointId } = await asked();
    const again = () => pendingOf(removeRecoveryPoint(world.as("anna"), { id: pointId }));
    expect(new Set(await Promise.all([again(), again(), again()]))).toEqual(new Set([id]));
    await expect(removeRecoveryPoint(world.as("berta"), { id: pointId })).rejects.toThrow(
      /anna@example.com has asked for the very same/,
    );
    expect(await world.prisma.twoPersonRequest.count({ where: { subjectId: pointId } })).toBe(1);
  });

  it("is known to its tenant's people and to those of the whole core, and to nobody else", async () => {
    const { id } = await asked();
    const { tenantId } = await world.prisma.twoPersonRequest.findUniqueOrThrow({ where: { id } });
    await world.addPerson("fritz", "approver", [tenantId ?? ""]);
    const seen = async (name: string) =>
      (await listTwoPersonRequests(world.as(name), { limit: 200 })).items.some((request) => request.id === id);
    expect([await seen("emil"), await seen("fritz"), await seen("carl")]).toEqual([false, true, true]);
    expect((await agreeToRequest(world.as("fritz"), { id })).state).toBe("approved");
  });

  it("waits for an account with another role than engineers have", async () => {
    const { id } = await asked();
    await expect(agreeToRequest(world.as("dora"), { id })).rejects.toMatchObject({ code: "forbidden" });
    await expect(denyTwoPersonRequest(world.as("dora"), { id, message: "no" })).rejects.toMatchObject({
      code: "forbidden",
    });
    expect(await stateOf(id)).toBe("waiting");
  });

  it("denied with a message, or taken back by whoever asked, is over; then it may be asked for anew", async () => {
    const first = await asked();
    const denied = await denyTwoPersonRequest(world.as("carl"), { id: first.id, message: "We need it." });
    expect(denied).toMatchObject({ state: "denied", message: "We need it.", decidedBy: "carl@example.com" });
    await expect(agreeToRequest(world.as("berta"), { id: first.id })).rejects.toThrow(/was denied already/);
    const second = await pendingOf(removeRecoveryPoint(world.as("anna"), { id: first.pointId }));
    expect(second).not.toBe(first.id);
    await explainTwoPersonRequest(world.as("anna"), { id: second, reason: "The customer asked." });
    await expect(explainTwoPersonRequest(world.as("berta"), { id: second, reason: "x" })).rejects.toThrow(
      /Only whoever/,
    );
    await expect(cancelTwoPersonRequest(world.as("berta"), { id: second })).rejects.toThrow(/Only whoever asked/);
    expect(await cancelTwoPersonRequest(world.as("anna"), { id: second })).toMatchObject({
      state: "cancelled",
      reason: "The customer asked.",
    });
    await doIt();
    expect(await isThere(first.pointId)).toBe(true);
  });

  it("expires: nobody can agree any more, the sweep says so, and the alert is over", async () => {
    const { id, pointId } = await asked();
    world.core.aheadMs += 25 * HOUR_MS;
    await expect(agreeToRequest(world.as("berta"), { id })).rejects.toThrow(/has expired/);
    await sweep();
    expect(await stateOf(id)).toBe("expired");
    expect(await world.prisma.alert.count({ where: { subjectId: id, clearedAt: null } })).toBe(0);
    expect(await isThere(pointId)).toBe(true);
    expect(await pendingOf(removeRecoveryPoint(world.as("anna"), { id: pointId }))).not.toBe(id);
  });
});

describe("an agreement", () => {
  it("of two people at once counts once, and it is done once", async () => {
    const { id, pointId } = await asked();
    const both = await Promise.allSettled(["berta", "carl"].map((name) => agreeToRequest(world.as(name), { id })));
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    await doIt();
    await doIt();
    expect(await isThere(pointId)).toBe(false);
    const where = { requestId: id, action: "recovery-point.delete" };
    expect(await world.prisma.auditEntry.count({ where })).toBe(1);
  });

  it("whose job was lost in a crash is found by the sweep", async () => {
    const { id, pointId } = await asked();
    await agreeToRequest(world.as("berta"), { id });
    world.core.jobs = [];
    await doIt();
    expect(await isThere(pointId)).toBe(true);
    await sweep();
    await doIt();
    expect([await isThere(pointId), await stateOf(id)]).toEqual([false, "done"]);
  });

  it("that was carried out by a core which died before it said so is not a failure", async () => {
    const { id, pointId } = await asked();
    await agreeToRequest(world.as("berta"), { id });
    await doIt();
    await world.prisma.twoPersonRequest.update({ where: { id }, data: { state: "approved", endedAt: null } });
    await sweep();
    await doIt();
    expect(await getTwoPersonRequest(world.as("anna"), { id })).toMatchObject({ state: "done", message: "" });
    expect(await isThere(pointId)).toBe(false);
  });

  it("does not overrule the world as it is by then: what was locked meanwhile stays, and the reason is told", async () => {
    const { id, pointId } = await asked();
    await world.prisma.recoveryPoint.update({ where: { id: pointId }, data: { locked: true } });
    await agreeToRequest(world.as("berta"), { id });
    await doIt();
    const { state, message } = await getTwoPersonRequest(world.as("anna"), { id });
    expect({ state, message }).toEqual({ state: "failed", message: expect.stringContaining("locked") });
    expect(await isThere(pointId)).toBe(true);
    const entry = await world.prisma.auditEntry.findFirstOrThrow({ where: { subject: id, action: "two-person.do" } });
    expect(entry).toMatchObject({ result: "failed", reason: message });
  });

  it.each([
    ["was disabled", { disabledAt: new Date() }],
    ["lost the role", { role: "reader" as const }],
    ["was bound to another tenant", { allTenants: false }],
  ])("is worth nothing when the account that asked %s meanwhile", async (_, change) => {
    const name = `greta-${randomUUID().slice(0, 8)}`;
    await world.addPerson(name, "administrator");
    const { pointId } = await world.agentWithPoint();
    const id = await pendingOf(removeRecoveryPoint(world.as(name), { id: pointId }));
    await world.prisma.account.update({ where: { email: `${name}@example.com` }, data: change });
    await agreeToRequest(world.as("berta"), { id });
    await doIt();
    expect([await isThere(pointId), await stateOf(id)]).toEqual([true, "failed"]);
  });

  it("lets exactly what was agreed to through: another input, another person or a second time is refused", async () => {
    const { id, pointId } = await asked();
    const other = await world.agentWithPoint();
    await agreeToRequest(world.as("berta"), { id });
    const agreed = (ctx: EngineContext): EngineContext => ({ ...ctx, agreedRequestId: id });
    const refused = { code: "conflict", options: { detail: "not-agreed" } };
    await expect(removeRecoveryPoint(agreed(world.as("anna")), { id: other.pointId })).rejects.toMatchObject(refused);
    await expect(removeRecoveryPoint(agreed(world.as("berta")), { id: pointId })).rejects.toMatchObject(refused);
    await doIt();
    const work = { action: "recovery-point.delete", title: "", input: { id: pointId }, tenantId: null } as const;
    const subject = { kind: "recovery-point", id: pointId };
    await expect(guard(agreed(world.as("anna")), { ...work, subject })).rejects.toMatchObject(refused);
  });

  it("for what only whoever asked may see lets them do it once, within its time", async () => {
    const input = { name: "robot", scopes: ["*:write" as const, "protected" as const], expiresInDays: 1 };
    const make = (name: string) => createApiToken(world.as(name), input);
    const id = await pendingOf(make("dora"));
    await agreeToRequest(world.as("berta"), { id });
    expect(world.core.jobs).toEqual([]);
    expect(await pendingOf(make("anna"))).not.toBe(id);
    const both = await Promise.allSettled([make("dora"), make("dora")]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await stateOf(id)).toBe("done");

    const token = {
      name: "fleet",
      repositoryId: world.repositoryId,
      tenantId: null,
      quotaBytes: null,
      expiresInHours: 1,
    };
    const second = await pendingOf(createEnrolmentToken(world.as("anna"), token));
    await agreeToRequest(world.as("berta"), { id: second });
    world.core.aheadMs += 25 * HOUR_MS;
    await sweep();
    expect(await stateOf(second)).toBe("expired");
    expect(await pendingOf(createEnrolmentToken(world.as("anna"), token))).not.toBe(second);
  });

  it("is asked for each of many at once, not for the first alone", async () => {
    const points = [await world.agentWithPoint(), await world.agentWithPoint()];
    const all = guardEach(points, ({ pointId }) => removeRecoveryPoint(world.as("anna"), { id: pointId }));
    await expect(all).rejects.toMatchObject({ code: "agreement_pending" });
    const where = { subjectId: { in: points.map(({ pointId }) => pointId) }, state: "waiting" as const };
    expect(await world.prisma.twoPersonRequest.count({ where })).toBe(2);
  });
});

describe("what needs nobody", () => {
  it("passes: jobs, peers, and a change that keeps more instead of less", async () => {
    const { pointId } = await world.agentWithPoint();
    await removeRecoveryPoint(world.core.ctx({ kind: "job", name: "retention" }), { id: pointId });
    expect(await isThere(pointId)).toBe(false);
    const rule = await createSnapshotRule(world.core.ctx(), {
      name: `rule ${randomUUID()}`,
      intervalMinutes: 60,
      retentionHours: 24,
      retentionCount: 5,
    });
    const ctx = world.as("dora", null);
    await updateSnapshotRule(ctx, { id: rule.id, retentionHours: 48, timeZone: "Europe/Berlin" });
    expect(await updateSnapshotRule(ctx, { id: rule.id, retentionHours: null })).toMatchObject({
      retentionHours: null,
    });
    await expect(updateSnapshotRule(ctx, { id: rule.id, retentionCount: 4 })).rejects.toMatchObject({
      code: "step_up_required",
    });
  });
});

describe("the rules", () => {
  it("say how many others could agree, and a request says when there is nobody", async () => {
    const { rules } = await getProtection(world.as("anna"));
    const agreers = Object.fromEntries(rules.map(({ name, otherAgreers }) => [name, otherAgreers]));
    expect(agreers["export-keys"]).toBeGreaterThan(0);
    expect(agreers["delete-points"]).toBeGreaterThan(agreers["export-keys"] ?? 0);
    const alone = await ProtectedWorld.start();
    await alone.prisma.account.updateMany({
      where: { email: { not: "anna@example.com" } },
      data: { disabledAt: new Date() },
    });
    await alone.requireSecondPerson(["delete-points"]);
    const { pointId } = await alone.agentWithPoint();
    await expect(removeRecoveryPoint(alone.as("anna"), { id: pointId })).rejects.toThrow(/no other account that could/);
    await expect(updateProtection(alone.as("anna"), { secondPerson: [] })).rejects.toThrow(
      /no other account that could/,
    );
  });

  it("are made stricter by one person with a fresh proof, and looser by two", async () => {
    await world.requireSecondPerson([]);
    await expect(updateProtection(world.as("anna", 16), { proofMinutes: 5 })).rejects.toMatchObject({
      code: "step_up_required",
    });
    expect(await updateProtection(world.as("anna"), { secondPerson: ["export-keys"], proofMinutes: 5 })).toMatchObject({
      secondPerson: ["export-keys"],
      proofMinutes: 5,
    });
    for (const looser of [{ secondPerson: [] }, { proofMinutes: 60 }, { expiryHours: 168 }])
      await expect(updateProtection(world.as("anna"), looser)).rejects.toMatchObject({ code: "agreement_pending" });
    await expect(updateProtection(world.as("anna", 6), { expiryHours: 1 })).rejects.toMatchObject({
      code: "step_up_required",
    });
    expect(await updateProtection(world.as("anna"), { expiryHours: 1 })).toMatchObject({ expiryHours: 1 });
  });
});
