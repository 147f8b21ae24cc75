import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { TwincoreError } from "@/lib/errors";
import { finaliseStatement } from "./finalise";
import type { FinalisedStatements, FinaliseStatementsInput } from "./schemas";

/** More tenants than a core has. */
const STATEMENTS_MAX = 20_000;
/** Of those that could not be made final as many are named. */
const REFUSED_MAX = 100;

/** Makes every draft of a month final, in the order of the tenants' names, each in a transaction of its own: what broke off goes on when it is called again. */
export async function finaliseStatements(
  ctx: EngineContext,
  { month }: FinaliseStatementsInput,
): Promise<FinalisedStatements> {
  const drafts = await ctx.db.prisma.statement.findMany({
    where: { month, state: "draft" },
    orderBy: [{ tenantName: "asc" }, { id: "asc" }],
    select: { id: true, tenantName: true },
    take: STATEMENTS_MAX,
  });
  const result: FinalisedStatements = { finalised: 0, refused: [] };
  for (const draft of drafts) {
    try {
      await finaliseStatement(ctx, { id: draft.id });
      result.finalised++;
    } catch (error) {
      // What holds one tenant up need not hold up the others; anything else stops it.
      if (!(error instanceof TwincoreError) || error.code !== "conflict") throw error;
      if (result.refused.length < REFUSED_MAX) result.refused.push({ ...draft, message: error.message });
    }
  }
  return result;
}
