import "server-only";
import { withTransaction } from "@/lib/db/transaction";
import { writeAudit } from "@/lib/engine/audit";
import type { EngineContext } from "@/lib/engine/context";
import { emitEvent } from "@/lib/engine/events/emit";
import { readSetting } from "@/lib/engine/settings";
import { toTwincoreError } from "@/lib/errors";
import type { SendTestMailInput, TestOutcome } from "./schemas";
import { sendMail } from "./send";

/** Sends a mail now and answers what the server said; a refusal is an answer, not an error. */
export async function sendTestMail(ctx: EngineContext, { to }: SendTestMailInput): Promise<TestOutcome> {
  const used = await readSetting(ctx.db.prisma, "mail");
  const outcome = await tryIt(ctx, to);
  await withTransaction(ctx.db, async (tx) => {
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended('setting:mail', 0))`;
    const kept = await readSetting(tx, "mail");
    // Somebody may have changed the settings meanwhile: those were not tested.
    if (outcome.ok && kept && JSON.stringify(kept) === JSON.stringify(used)) {
      const value = { ...kept, verifiedAt: ctx.now().toISOString() };
      await tx.setting.update({ where: { name: "mail" }, data: { value } });
      await emitEvent(tx, "setting", "mail");
    }
    await writeAudit(tx, ctx, "mail.test", to, { ok: outcome.ok, words: outcome.words });
  });
  return outcome;
}

async function tryIt(ctx: EngineContext, to: string): Promise<TestOutcome> {
  const text = "This mail was sent to see whether this core can send mail. It can. Nothing else is to be done.";
  try {
    const { response } = await sendMail(ctx, { to: [to], subject: "A test mail of Twincore", text });
    return { ok: true, words: `The server took it: ${response}` };
  } catch (thrown) {
    const error = toTwincoreError(thrown);
    if (error.code === "internal") ctx.log.error({ err: thrown }, "a test mail failed");
    return { ok: false, words: error.message };
  }
}
