import "server-only";
import { dispatchAlerts } from "@/lib/engine/alerts/dispatch";
import type { EngineContext } from "@/lib/engine/context";
import { toTwincoreError } from "@/lib/errors";
import { type Claimed, claimMessage } from "./claim";
import { recordAttempt, recordSkipped } from "./record";
import { RENDERERS, type Rendered } from "./render";
import { DeliveryPurpose } from "./schemas";
import { sendMessage } from "./send";

/** Receivers that are slow hold up so many of the others at most. */
const AT_ONCE = 4;
/** Of one call; what is left is due still, and the next call has it. */
const MESSAGES_MAX = 2_000;

/**
 * Turns untold alerts into messages and sends every message that is due, to the end or until `signal` is aborted. May run in many workers
 * at once, and be killed between any two lines: a message that went out and was not recorded goes out again under its id.
 */
export async function deliver(ctx: EngineContext, { signal }: { signal?: AbortSignal } = {}): Promise<void> {
  await dispatchAlerts(ctx);
  let left = MESSAGES_MAX;
  const line = async () => {
    while (left-- > 0 && !signal?.aborted) {
      const claimed = await claimMessage(ctx);
      if (!claimed) return;
      await deliverOne(ctx, claimed);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
}

async function deliverOne(ctx: EngineContext, claimed: Claimed): Promise<void> {
  const rendered = await render(ctx, claimed);
  if (!rendered) return;
  const { message, skipped } = rendered;
  if (skipped.size > 0) await recordSkipped(ctx, claimed.deliveries, skipped);
  const deliveries = claimed.deliveries.filter(({ id }) => !skipped.has(id));
  if (!message || deliveries.length === 0) return;
  const attempt = await sendMessage(ctx, claimed.channel, deliveries, message);
  await recordAttempt(ctx, { channel: claimed.channel, deliveries }, attempt);
}

/** A test whose sender died, or what another version queued. */
const NOT_SAID = "It was not sent: nobody here knows how to say it.";

/** What cannot be rendered is no fault of the channel. null: it was recorded as a failed attempt. */
async function render(ctx: EngineContext, { deliveries }: Claimed): Promise<Rendered | null> {
  const purpose = DeliveryPurpose.safeParse(deliveries[0]?.purpose);
  try {
    const load = purpose.success ? RENDERERS[purpose.data] : undefined;
    if (!load) return { message: null, skipped: new Map(deliveries.map(({ id }) => [id, NOT_SAID])) };
    return await (await load()).render(ctx, deliveries);
  } catch (thrown) {
    const error = toTwincoreError(thrown);
    if (error.code === "internal") ctx.log.error({ err: thrown, purpose: purpose.data }, "a message could not be made");
    const isFinal = error.code === "not_found";
    const attempt = {
      ok: false,
      words: error.message,
      status: null,
      isFinal,
      isGone: false,
      targets: deliveries[0]?.targets ?? [],
    };
    await recordAttempt(ctx, { channel: null, deliveries }, attempt);
    return null;
  }
}

/** Asks for the work when there is some: alerts that nobody was told of, or messages whose time has come. */
export async function wakeDeliveries(ctx: EngineContext): Promise<void> {
  const now = ctx.now();
  const [found] = await ctx.db.prisma.$queryRaw<{ some: boolean }[]>`
    select exists (select from delivery where state in ('waiting', 'sending') and next_attempt_at <= ${now})
      or (exists (select from alert_rule where enabled) and (
        exists (select from alert where told_state is null)
        or exists (select from alert where told_state = 'raised' and cleared_at is not null)
        or exists (select from alert where told_state = 'raised' and cleared_at is null and severity > told_severity))) as some`;
  if (found?.some) await ctx.enqueue("deliver", {}, { key: "all" });
}
