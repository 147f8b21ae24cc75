import { randomBytes, randomUUID } from "node:crypto";
import type { PeerCore } from "../../support/peer-core";
import { withPointRows } from "../../support/point-rows";

/** A tenant full of objects. Every name in it begins with the tenant's own, so that a leak can be read off an answer. */
export interface Full {
  readonly name: string;
  readonly tenantId: string;
  /** By what they are of. */
  readonly ids: Readonly<Record<string, string>>;
}

const NOW = new Date("2026-11-21T12:00:00Z");

/** One object of every kind that a tenant may have, as rows: `name` is in all their names. */
export async function fillTenant(core: PeerCore, name: string, repositoryId: string): Promise<Full> {
  const { prisma } = core.db;
  const points = await withPointRows(core, 2, { tenant: `${name}-tenant`, name: `${name}-agent`, repositoryId });
  const { tenantId, agentId, volumeId } = points;
  await prisma.tenant.update({ where: { id: tenantId }, data: { customerId: `${name}-customer` } });
  const image = await prisma.volumeImage.findFirstOrThrow({ where: { volumeId }, orderBy: { id: "asc" } });
  const pairing = await prisma.pairing.create({
    data: {
      side: "target",
      state: "established",
      peerCoreId: randomUUID(),
      peerName: `${name}-core`,
      peerAddress: "192.0.2.1",
      requestKeyDigest: randomBytes(32),
      verificationCode: "",
      tenantId,
      wantedAgents: { create: { agentId, name: `${name}-agent`, hostName: `${name}-host`, sizeBytes: 5n } },
    },
  });
  const session = await prisma.replicationSession.create({ data: { side: "target", agentId, pairingId: pairing.id } });
  const run = await prisma.run.create({ data: { sessionId: session.id } });
  const task = await prisma.task.create({ data: { kind: "capture", agentId } });
  const alert = await prisma.alert.create({
    data: {
      kind: "rpo-breached",
      severity: "warning",
      subjectKind: "agent",
      subjectId: agentId,
      title: `${name}-alert`,
      tenantId,
    },
  });
  const orphan = await prisma.orphanedImage.create({
    data: {
      ...{
        id: randomUUID(),
        agentId,
        repositoryId,
        recoveryPointId: randomUUID(),
        volumeId,
        volumeName: `${name}-disk`,
      },
      ...{ kind: "image", sequence: 9n, createdAt: NOW, sizeBytes: 1n, recordCount: 1 },
      ...{ manifestDigest: randomBytes(32), reason: `${name}-reason` },
    },
  });
  const drive = await prisma.seedDrive.create({
    data: { side: "target", pairingId: pairing.id, name: `${name}-drive`, paths: ["/secret-drive"], createdBy: "x" },
  });
  const destinationRepositoryId = randomUUID();
  const replication = await prisma.vaultReplication.create({
    data: { repositoryId, pairingId: pairing.id, destinationRepositoryId, createdBy: "x" },
  });
  const record = await prisma.replicationRecord.create({
    data: {
      ...{ imageId: image.id, recoveryPointId: image.recoveryPointId, agentId, pairingId: pairing.id },
      ...{ destinationRepositoryId, vaultReplicationId: replication.id },
    },
  });
  const rules = await makeRules(core, name, agentId, pairing.id);
  const bill = await makeBill(core, { name, tenantId, agentId, repositoryId });
  const token = await prisma.enrolmentToken.create({
    data: {
      ...{ name: `${name}-token`, hash: randomBytes(32), repositoryId, tenantId, createdBy: "x" },
      expiresAt: new Date(NOW.getTime() + 1e9),
    },
  });
  await prisma.recordDomain.createMany({ data: [{ repositoryId, tenantId }], skipDuplicates: true });
  const ids = {
    ...{ tenant: tenantId, agent: agentId, volume: volumeId, point: image.recoveryPointId, image: image.id },
    ...{ pairing: pairing.id, session: session.id, run: run.id, task: task.id, alert: alert.id, orphan: orphan.id },
    ...{ drive: drive.id, token: token.id, replication: replication.id, record: record.id, ...rules, ...bill },
  };
  return { name, tenantId, ids };
}

async function makeRules({ db: { prisma } }: PeerCore, name: string, agentId: string, pairingId: string) {
  const snapshotRule = await prisma.snapshotRule.create({ data: { name: `${name}-snapshots`, intervalMinutes: 60 } });
  const replicationRule = await prisma.replicationRule.create({
    data: { name: `${name}-replication`, pairingId, rpoSeconds: 3600, alertThresholdMinutes: 60 },
  });
  const policy = await prisma.policy.create({ data: { name: `${name}-policy` } });
  await prisma.policySnapshotRule.create({ data: { policyId: policy.id, snapshotRuleId: snapshotRule.id } });
  await prisma.policyReplicationRule.create({ data: { policyId: policy.id, replicationRuleId: replicationRule.id } });
  await prisma.agent.update({ where: { id: agentId }, data: { policyId: policy.id } });
  return { policy: policy.id, snapshotRule: snapshotRule.id, replicationRule: replicationRule.id };
}

interface Billed {
  readonly name: string;
  readonly tenantId: string;
  readonly agentId: string;
  readonly repositoryId: string;
}

async function makeBill({ db: { prisma } }: PeerCore, { name, tenantId, agentId, repositoryId }: Billed) {
  const plan = await prisma.pricePlan.create({ data: { name: `${name}-plan`, currency: "EUR" } });
  await prisma.pricePlanVersion.create({ data: { planId: plan.id, validFrom: "2026-01", createdBy: "x" } });
  await prisma.tenantPlan.create({ data: { tenantId, planId: plan.id, validFrom: "2026-01", createdBy: "x" } });
  const statement = await prisma.statement.create({
    data: {
      ...{ tenantId, tenantName: `${name}-tenant`, month: "2026-10", timeZone: "UTC" },
      ...{ beginsAt: new Date("2026-10-01"), endsAt: new Date("2026-11-01"), computedAt: NOW },
    },
  });
  await prisma.statementLine.create({
    data: {
      ...{ statementId: statement.id, position: 1, kind: "usage", description: `${name}-line`, quantity: 1 },
      ...{ unit: "GB-month", unitPrice: 1, amount: 1, formula: "1 × 1" },
    },
  });
  await prisma.statement.update({ where: { id: statement.id }, data: { state: "final" } });
  await prisma.usageEntry.create({
    data: {
      ...{ at: NOW, origin: "measured", agentId, agentName: `${name}-agent`, hostName: `${name}-host`, tenantId },
      ...{ repositoryId, protectedBytes: 5n, storedBytes: 3n, recoveryPoints: 2 },
    },
  });
  const correction = await prisma.usageCorrection.create({
    data: { tenantId, month: "2026-10", meter: "stored", quantity: 1, reason: `${name}-reason`, createdBy: "x" },
  });
  const quota = await prisma.quota.create({ data: { subjectId: tenantId, tenantId, meter: "stored", softBytes: 1n } });
  const request = await prisma.twoPersonRequest.create({
    data: {
      ...{ action: "recovery-point.delete", title: `${name}-request`, input: {}, subjectKind: "recovery-point" },
      ...{ subjectId: randomUUID(), tenantId, requestedById: randomUUID(), requestedBy: "x" },
      expiresAt: new Date(NOW.getTime() + 1e9),
    },
  });
  return { statement: statement.id, plan: plan.id, correction: correction.id, quota: quota.id, request: request.id };
}
