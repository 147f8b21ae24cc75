import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { readSetting, writeSetting } from "@/lib/engine/settings";
import type { BillingSettings } from "./schemas";

/** When statements become final by themselves. */
export const getBillingSettings = (ctx: EngineContext): Promise<BillingSettings> =>
  readSetting(ctx.db.prisma, "billing");

/** Says so. The next look at statements, within the hour, follows it. */
export async function setBillingSettings(ctx: EngineContext, settings: BillingSettings): Promise<BillingSettings> {
  await withTransaction(ctx.db, (tx) => writeSetting(tx, ctx, "billing", settings));
  return settings;
}
