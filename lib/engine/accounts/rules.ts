import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import type { EngineContext } from "@/lib/engine/context";
import { emitRightsChange } from "@/lib/engine/events/emit";
import { readSetting, writeSetting } from "@/lib/engine/settings";
import type { SignInRules } from "./schemas";

/** What this core asks of whoever signs in. */
export function getSignInRules(ctx: EngineContext, _input: object): Promise<SignInRules> {
  return readSetting(ctx.db.prisma, "signIn");
}

/** Changes it; counts from everybody's next request on. */
export async function setSignInRules(ctx: EngineContext, input: SignInRules): Promise<SignInRules> {
  await withTransaction(ctx.db, async (tx) => {
    await writeSetting(tx, ctx, "signIn", input);
    await emitRightsChange(tx);
  });
  return input;
}
