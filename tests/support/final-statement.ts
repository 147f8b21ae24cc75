import { randomUUID } from "node:crypto";
import type { PeerCore } from "./peer-core";

export interface FinalStatement {
  readonly id: string;
  readonly tenantId: string;
}

interface Wanted {
  readonly name: string;
  readonly agents: number;
  readonly emails?: readonly string[];
  readonly number: number;
}

/** A final statement for October 2026 with one line, and 31 days of so many agents, as rows. */
export async function withFinalStatement(
  core: PeerCore,
  { name, agents, emails = [], number }: Wanted,
): Promise<FinalStatement> {
  const { prisma } = core.db;
  const tenant = await prisma.tenant.create({ data: { name, statementEmails: [...emails] } });
  const head = {
    tenantId: tenant.id,
    tenantName: name,
    month: "2026-10",
    timeZone: "UTC",
    beginsAt: new Date("2026-10-01T00:00:00Z"),
    endsAt: new Date("2026-11-01T00:00:00Z"),
    currency: "EUR",
    planName: "Standard",
    total: "12.4",
    computedAt: new Date("2026-11-02T00:00:00Z"),
  };
  const { id } = await prisma.statement.create({ data: head });
  await prisma.statementLine.create({
    data: {
      statementId: id,
      position: 1,
      kind: "usage",
      meter: "stored",
      description: "Stored",
      quantity: "248",
      unit: "GB-month",
      unitPrice: "0.05",
      amount: "12.4",
      formula: "byte-seconds ÷ (10^9 × 2678400 s) = 248 GB-months × 0.05 EUR = 12.40 EUR",
    },
  });
  const repositoryId = randomUUID();
  await prisma.$executeRaw`
    insert into statement_day (statement_id, day, agent_id, agent_name, repository_id, repository_name, measured_seconds, missing_seconds,
      agent_seconds, protected_byte_seconds, stored_byte_seconds, transferred_bytes, recovery_points_max)
    select ${id}::uuid, '2026-10-01'::date + d, md5(${id} || a)::uuid, 'agent ' || a, ${repositoryId}::uuid, 'vault', 86400, 0, 86400,
      86400::numeric * 3000000 * a, 86400::numeric * 1000000 * a, 1000 * a, 7
    from generate_series(1, ${agents}::int) as a, generate_series(0, 30) as d`;
  await prisma.statement.update({
    where: { id },
    data: {
      state: "final",
      number,
      finalisedAt: new Date("2026-11-03T00:00:00Z"),
      finalisedBy: "account:clerk@msp.example",
    },
  });
  return { id, tenantId: tenant.id };
}
