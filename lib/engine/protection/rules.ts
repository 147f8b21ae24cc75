import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { readSetting, writeSetting } from "@/lib/engine/settings";
import { conflict } from "@/lib/errors";
import { PROTECTION_RULES, type ProtectionRule } from "./actions";
import { countAgreers } from "./agreers";
import { guard } from "./guard";
import {
  type ProtectionReport,
  ProtectionRuleName,
  type ProtectionSettings,
  SwitchableRule,
  type UpdateProtectionInput,
} from "./schemas";

/** The rules, and how many other accounts could be a second person for each. */
export async function getProtection(ctx: EngineContext): Promise<ProtectionReport> {
  const settings = await readSetting(ctx.db.prisma, "protection");
  const except = ctx.actor.kind === "account" ? ctx.actor.accountId : null;
  const rules = await Promise.all(
    ProtectionRuleName.options.map(async (name: ProtectionRule) => {
      const { title, description, agreers } = PROTECTION_RULES[name];
      const switchable = SwitchableRule.safeParse(name);
      const needsSecondPerson = switchable.success ? settings.secondPerson.includes(switchable.data) : null;
      const otherAgreers = await countAgreers(ctx, { rule: name, except, tenantId: null });
      return { name, title, description, needsSecondPerson, agreers: [...agreers], otherAgreers };
    }),
  );
  const waiting = await ctx.db.prisma.twoPersonRequest.count({ where: { state: "waiting" } });
  return { ...settings, rules, waiting };
}

/**
 * Changes the rules. It always takes a fresh proof; and loosening them, while one is on, takes a second person. Throws
 * step_up_required, agreement_pending, conflict when somebody else changed them meanwhile.
 */
export async function updateProtection(ctx: EngineContext, input: UpdateProtectionInput): Promise<ProtectionReport> {
  const before = await readSetting(ctx.db.prisma, "protection");
  const title = changeInWords(before, input);
  const subject = { kind: "setting", id: "protection" };
  const loosens = isLooser(before, input);
  await guard(ctx, { action: "protection.update", subject, title, input, tenantId: null, always: loosens });
  await withTransaction(ctx.db, async (tx) => {
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('setting:protection', 0))`;
    const now = await readSetting(tx, "protection");
    if (!loosens && isLooser(now, input))
      throw conflict("Somebody else changed these rules just now. Look again.", "wrong-state");
    await writeSetting(tx, ctx, "protection", { ...now, ...definedOf(input) });
  });
  return getProtection(ctx);
}

/** While nothing takes two people, nothing is loosened for one. */
function isLooser(
  before: ProtectionSettings,
  { secondPerson, proofMinutes, expiryHours }: UpdateProtectionInput,
): boolean {
  if (before.secondPerson.length === 0) return false;
  const off = secondPerson !== undefined && before.secondPerson.some((rule) => !secondPerson.includes(rule));
  return off || (proofMinutes ?? 0) > before.proofMinutes || (expiryHours ?? 0) > before.expiryHours;
}

function changeInWords(before: ProtectionSettings, { secondPerson, proofMinutes, expiryHours }: UpdateProtectionInput) {
  const names = (rules: readonly SwitchableRule[]) =>
    rules.map((rule) => `"${PROTECTION_RULES[rule].title}"`).join(", ");
  const off = before.secondPerson.filter((rule) => secondPerson && !secondPerson.includes(rule));
  const on = (secondPerson ?? []).filter((rule) => !before.secondPerson.includes(rule));
  const parts = [
    off.length > 0 ? `no second person any more for ${names(off)}` : "",
    on.length > 0 ? `a second person for ${names(on)}` : "",
    proofMinutes !== undefined && proofMinutes !== before.proofMinutes ? `a proof counts ${proofMinutes} minutes` : "",
    expiryHours !== undefined && expiryHours !== before.expiryHours ? `requests wait ${expiryHours} hours` : "",
  ].filter((part) => part !== "");
  return `Change the protection rules: ${parts.join("; ") || "nothing"}.`;
}

/** Undefined is "as it is", not "nothing". */
const definedOf = (input: UpdateProtectionInput): Partial<ProtectionSettings> =>
  Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
