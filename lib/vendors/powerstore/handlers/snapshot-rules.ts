import type { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import { createSnapshotRule, deleteSnapshotRule, updateSnapshotRule } from "@/lib/engine/snapshot-rules";
import { invalidInput } from "@/lib/errors";
import type { VendorCall } from "../../row";
import { placeOrder } from "../order";
import { assertNameFree, findOne } from "../read";
import type { CreateSnapshotRuleInput, ModifySnapshotRuleInput } from "../schemas";
import { fromTimeZoneWord, snapshotRule } from "../table/rules";
import { DAYS, INTERVAL_MINUTES } from "../table/words";

const resource = snapshotRule.name;

export const create = (ctx: EngineContext, input: z.output<typeof CreateSnapshotRuleInput>, call: VendorCall) =>
  placeOrder(ctx, call, {
    action: "create",
    resource,
    work: async () => {
      await assertNameFree(ctx, snapshotRule, input.name);
      const { id, name } = await createSnapshotRule(ctx, {
        name: input.name,
        ...toSchedule(input),
        isReadOnly: input.is_read_only ?? false,
      });
      return { id, name, status: 201, body: { id } };
    },
  });

export const modify = (ctx: EngineContext, input: z.output<typeof ModifySnapshotRuleInput>, call: VendorCall) =>
  placeOrder(ctx, call, {
    action: "modify",
    resource,
    work: async () => {
      const rule = await findOne(ctx, snapshotRule, input.id);
      await assertNameFree(ctx, snapshotRule, input.name, rule.id);
      await updateSnapshotRule(ctx, { id: rule.id, name: input.name, ...toSchedule(input) });
      return { id: rule.id, name: rule.name, status: 204 };
    },
  });

export const remove = (ctx: EngineContext, { id }: { id: string }, call: VendorCall) =>
  placeOrder(ctx, call, {
    action: "delete",
    resource,
    work: async () => {
      const rule = await findOne(ctx, snapshotRule, id);
      await deleteSnapshotRule(ctx, { id: rule.id });
      return { id: rule.id, name: rule.name, status: 204 };
    },
  });

type Schedule = Omit<z.output<typeof CreateSnapshotRuleInput>, "name" | "is_read_only">;

/** What is given, in the engine's words. No retention (0) is "until people delete it". */
function toSchedule(input: Schedule) {
  return {
    ...(input.interval ? { intervalMinutes: INTERVAL_MINUTES[input.interval] ?? null } : {}),
    ...(input.time_of_day ? { timeOfDay: input.time_of_day } : {}),
    ...(input.timezone ? { timeZone: fromTimeZoneWord(input.timezone) } : {}),
    ...(input.days_of_week ? { daysOfWeek: input.days_of_week.map(toDay) } : {}),
    ...(input.desired_retention === undefined ? {} : { retentionHours: input.desired_retention || null }),
  };
}

function toDay(word: string): number {
  const at = (DAYS as readonly string[]).indexOf(word);
  if (at < 0) throw invalidInput(`"${word}" is no day of the week. They are ${DAYS.join(", ")}.`);
  return at + 1;
}
