import "server-only";
import type { Tx } from "@/lib/db/client";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { SETTINGS, type SettingName, type SettingValue } from "./schemas";

/** What is set, or what holds when nothing is. A row that an older version wrote and that no longer fits counts as nothing. */
export async function readSetting<N extends SettingName>(tx: Pick<Tx, "setting">, name: N): Promise<SettingValue<N>> {
  const row = await tx.setting.findUnique({ where: { name } });
  const kept = SETTINGS[name].safeParse(row?.value);
  // The schema of the name made it; that a table's entry and its key belong together is more than the compiler sees.
  return (kept.success ? kept.data : SETTINGS[name].parse(undefined)) as SettingValue<N>;
}

/** Sets it, in the caller's transaction, with its audit line, which has the value: a setting with a secret is not written by this. */
export async function writeSetting<N extends Exclude<SettingName, "mail">>(
  tx: Tx,
  ctx: EngineContext,
  name: N,
  value: SettingValue<N>,
): Promise<void> {
  const json = SETTINGS[name].parse(value);
  await tx.setting.upsert({ where: { name }, create: { name, value: json }, update: { value: json } });
  await writeAudit(tx, ctx, "setting.write", name, { value: json });
  await emitEvent(tx, "setting", name);
}
