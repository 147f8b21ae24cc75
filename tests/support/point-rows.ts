import { randomBytes } from "node:crypto";
import type { PeerCore } from "./peer-core";

export interface PointRows {
  tenantId: string;
  repositoryId: string;
  agentId: string;
  volumeId: string;
}

/**
 * An agent with one volume and `count` recovery points of one image each, as rows only, without files behind: for what lists and pages. The
 * points lie one minute apart, from 2026-01-01T00:00Z on.
 */
export async function withPointRows(
  core: PeerCore,
  count: number,
  { tenant = "Home", name = "db", repositoryId = "" } = {},
): Promise<PointRows> {
  const { prisma } = core.db;
  const mark = randomBytes(4).toString("hex");
  const { id: tenantId } = await prisma.tenant.upsert({
    where: { name: tenant },
    create: { name: tenant },
    update: {},
  });
  const repository =
    repositoryId || (await prisma.repository.create({ data: { name: `main ${mark}`, path: `/nowhere/${mark}` } })).id;
  const agent = await prisma.agent.create({
    data: {
      name,
      hostName: name,
      tenantId,
      repositoryId: repository,
      volumes: { create: { name: "disk", kind: "image", path: `/disks/${mark}` } },
    },
    include: { volumes: true },
  });
  const volumeId = agent.volumes[0]?.id ?? "";
  await prisma.$executeRaw`
    with made as (
      insert into recovery_point (id, agent_id, repository_id, sequence, created_at, logical_bytes, stored_bytes)
      select gen_random_uuid(), ${agent.id}::uuid, ${repository}::uuid, n, '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 minute',
        3221225472, 1048576
      from generate_series(1, ${count}::int) as n returning id)
    insert into volume_image (id, recovery_point_id, volume_id, kind, size_bytes, record_count, manifest_digest)
    select gen_random_uuid(), made.id, ${volumeId}::uuid, 'image', 3221225472, 3072, ${randomBytes(32)} from made`;
  return { tenantId, repositoryId: repository, agentId: agent.id, volumeId };
}
