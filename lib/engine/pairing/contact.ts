import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { toTwincoreError } from "@/lib/errors";

/** A source asks each minute; a moment that is half as exact as that is enough to tell who is there. */
const NOTE_SECONDS = 30;
/** A core that missed three of its questions, or answers to them, is not there. */
export const ONLINE_SECONDS = 180;

export const isNoteDue = (lastContactAt: Date | null, now: Date): boolean =>
  lastContactAt === null || now.getTime() - lastContactAt.getTime() > NOTE_SECONDS * 1000;

/** Notes that the other core of a pairing was heard just now. Never throws: what it said matters more. */
export async function noteContact(ctx: EngineContext, pairingId: string): Promise<void> {
  const now = ctx.now();
  try {
    await ctx.db.prisma.$executeRaw`
      update pairing set last_contact_at = ${now} where id = ${pairingId}::uuid
        and (last_contact_at is null or last_contact_at < ${new Date(now.getTime() - NOTE_SECONDS * 1000)})`;
  } catch (thrown) {
    ctx.log.warn({ pairingId, error: toTwincoreError(thrown).message }, "that a core was heard could not be noted");
  }
}
