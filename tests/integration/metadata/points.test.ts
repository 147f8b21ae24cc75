import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { updateAgent } from "@/lib/engine/agents";
import { deleteRecoveryPoint, removeRecoveryPoint, updateRecoveryPoint } from "@/lib/engine/recovery-points";
import { documentKey } from "@/lib/engine/recovery-points/document";
import { ensureDomain } from "@/lib/engine/repositories";
import { noise } from "../replication/records";
import { TwoCores } from "../replication/two-cores";

const cores = await TwoCores.start();
const { source, target, ids } = cores;
const capture = (seed: string) => cores.capture({ disk: noise(seed, 40_000) });
const exists = async (id: string) => (await source.db.prisma.recoveryPoint.count({ where: { id } })) === 1;

describe("a recovery point", () => {
  it("that is locked is not deleted, by whatever way, and goes once it is unlocked", async () => {
    const id = await capture("a");
    const domain = await ensureDomain(source.ctx, source);
    const document = () => domain.storage.size(documentKey(domain.prefix, ids.agentId, id));
    await updateRecoveryPoint(source.ctx, { id, locked: true });
    const refusal = { code: "conflict", message: expect.stringContaining("locked") };
    await expect(removeRecoveryPoint(source.ctx, { id })).rejects.toMatchObject(refusal);
    await expect(deleteRecoveryPoint(source.ctx, { id })).rejects.toMatchObject(refusal);
    expect(await exists(id)).toBe(true);
    expect(await document()).not.toBeNull();
    await updateRecoveryPoint(source.ctx, { id, locked: false });
    await removeRecoveryPoint(source.ctx, { id });
    expect(await exists(id)).toBe(false);
    expect(await document()).toBeNull();
    await expect(removeRecoveryPoint(source.ctx, { id })).rejects.toMatchObject({ code: "not_found" });
  });

  it("is either locked or deleted when both are asked for at once", async () => {
    const id = await capture("b");
    const [lock, removal] = await Promise.allSettled([
      updateRecoveryPoint(source.ctx, { id, locked: true }),
      deleteRecoveryPoint(source.ctx, { id }),
    ]);
    expect([lock.status, removal.status].sort()).toEqual(["fulfilled", "rejected"]);
    expect(await exists(id)).toBe(lock.status === "fulfilled");
  });

  it("that a restore or an export reads, or a capture may build on, is not deleted", async () => {
    const id = await capture("c");
    const { task, seedDrive } = source.db.prisma;
    const drive = await seedDrive.create({
      data: {
        side: "source",
        name: "drive",
        paths: [],
        createdBy: "anna",
        pairingId: ids.sourcePairingId,
        contents: [{ agentId: ids.agentId }],
      },
    });
    for (const busy of [
      { kind: "restore" as const, recoveryPointId: id },
      { kind: "capture" as const, agentId: ids.agentId },
      { kind: "export_seed_drive" as const, seedDriveId: drive.id },
    ]) {
      const { id: taskId } = await task.create({ data: { ...busy, state: "running" } });
      await expect(removeRecoveryPoint(source.ctx, { id })).rejects.toMatchObject({ code: "conflict" });
      await task.update({ where: { id: taskId }, data: { state: "succeeded" } });
    }
    await removeRecoveryPoint(source.ctx, { id });
  });

  it("keeps what is not said, and every change is in the audit trail", async () => {
    const id = await capture("d");
    await updateRecoveryPoint(source.ctx, { id, label: "one" });
    expect(await updateRecoveryPoint(source.ctx, { id, locked: true })).toMatchObject({ label: "one", locked: true });
    expect(await updateRecoveryPoint(source.ctx, { id, label: "" })).toMatchObject({ label: "", locked: true });
    const entries = await source.db.prisma.auditEntry.count({
      where: { subject: id, action: "recovery-point.update" },
    });
    expect(entries).toBe(3);
    await expect(updateRecoveryPoint(source.ctx, { id: randomUUID(), label: "x" })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(updateAgent(source.ctx, { id: randomUUID(), labels: [] })).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("a replica", () => {
  it("carries the words of its source, until that is gone or has deleted the point", async () => {
    const id = await capture("e");
    await cores.run();
    const refusal = { code: "conflict", message: expect.stringContaining("source") };
    await expect(updateRecoveryPoint(target.ctx, { id, label: "mine" })).rejects.toMatchObject(refusal);
    await expect(removeRecoveryPoint(target.ctx, { id })).rejects.toMatchObject(refusal);
    await expect(updateAgent(target.ctx, { id: ids.agentId, labels: ["x"] })).rejects.toMatchObject(refusal);
    await removeRecoveryPoint(source.ctx, { id });
    await cores.run();
    expect(await updateRecoveryPoint(target.ctx, { id, label: "ours now" })).toMatchObject({ ledBy: null });
    await removeRecoveryPoint(target.ctx, { id });
    await target.db.prisma.pairing.updateMany({ data: { state: "deleted" } });
    expect(await updateAgent(target.ctx, { id: ids.agentId, labels: ["x"] })).toMatchObject({ labels: ["x"] });
  });
});
