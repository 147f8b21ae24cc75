import "server-only";
import type { Tx } from "@/lib/db/client";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { conflict, invalidInput, notFound } from "@/lib/errors";
import { toAlertRule, toRow } from "./convert";
import type { AlertRule, CreateAlertRuleInput, UpdateAlertRuleInput } from "./schemas";

/** Each alert is held against every rule. */
const RULES_MAX = 200;

/** Every rule by name; there are 200 at most. */
export async function listAlertRules(ctx: EngineContext, _input: object): Promise<{ items: AlertRule[] }> {
  const rows = await ctx.db.prisma.alertRule.findMany({ orderBy: [{ name: "asc" }, { id: "asc" }] });
  return { items: rows.map(toAlertRule) };
}

/** A new rule; it is about alerts that are raised from now on. Throws invalid_input for a channel or tenant that is not there, conflict beyond 200 rules. */
export function createAlertRule(ctx: EngineContext, input: CreateAlertRuleInput): Promise<AlertRule> {
  return withTransaction(ctx.db, async (tx) => {
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('channels', 0))`;
    if ((await tx.alertRule.count()) >= RULES_MAX)
      throw conflict(`There are ${RULES_MAX} rules. Remove one that is not used.`);
    await assertKnown(tx, input);
    const row = await tx.alertRule.create({ data: { ...toRow(input), createdAt: ctx.now() } });
    await note(tx, ctx, "alert-rule.create", row.id, { ...input });
    return toAlertRule(row);
  });
}

/** Makes a rule what it is to be. Throws not_found, invalid_input for a channel or tenant that is not there. */
export function updateAlertRule(ctx: EngineContext, { id, ...input }: UpdateAlertRuleInput): Promise<AlertRule> {
  return withTransaction(ctx.db, async (tx) => {
    await assertKnown(tx, input);
    const changed = await tx.alertRule.updateManyAndReturn({ where: { id }, data: toRow(input) });
    const [row] = changed;
    if (!row) throw notFound("rule");
    await note(tx, ctx, "alert-rule.update", id, { ...input });
    return toAlertRule(row);
  });
}

/** Removes a rule; what it has queued goes out still. Throws not_found. */
export function deleteAlertRule(ctx: EngineContext, { id }: { id: string }): Promise<Record<string, never>> {
  return withTransaction(ctx.db, async (tx) => {
    const { count } = await tx.alertRule.deleteMany({ where: { id } });
    if (count === 0) throw notFound("rule");
    await note(tx, ctx, "alert-rule.delete", id, {});
    return {};
  });
}

async function assertKnown(tx: Tx, { channelId, tenantIds }: CreateAlertRuleInput): Promise<void> {
  const channel = await tx.channel.findUnique({ where: { id: channelId }, select: { id: true } });
  if (!channel) throw invalidInput("The channel is not there any more. Choose another one.", "channelId");
  const tenants = await tx.tenant.count({ where: { id: { in: tenantIds } } });
  if (tenants < new Set(tenantIds).size)
    throw invalidInput("One of the tenants is not there any more. Choose them anew.", "tenantIds");
}

async function note(
  tx: Tx,
  ctx: EngineContext,
  action: string,
  id: string,
  detail: Parameters<typeof writeAudit>[4],
): Promise<void> {
  await writeAudit(tx, ctx, action, id, detail);
  await emitEvent(tx, "channel", id);
}
