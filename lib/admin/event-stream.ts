import "server-only";
import type { Database } from "@/lib/db/client";
import { listEventsAfter, newestEventId } from "@/lib/engine/events/list";
import { onEvents } from "@/lib/engine/events/subscribe";

// Proxies drop what is silent for 30 s or more; the beat is also when a sign-in that ended is noticed.
const BEAT_MS = 15_000;
// Progress is written once a second per run; reading more often than this would serve nobody.
const READ_INTERVAL_MS = 250;

/**
 * Server-sent events from `lastEventId` on (or from now), until the reader goes or `stillAllowed` says no.
 * Each event: `id`, `event: change`, data = EventMessage.
 */
export function eventStream(
  db: Database,
  lastEventId: string | null,
  stillAllowed: () => Promise<boolean>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let stop = () => {};
  return new ReadableStream({
    async start(controller) {
      let cursor = lastEventId && /^\d{1,18}$/.test(lastEventId) ? BigInt(lastEventId) : await newestEventId(db);
      let reading: ReturnType<typeof setTimeout> | undefined;
      let stopped = false;
      const send = (text: string) => !stopped && controller.enqueue(encoder.encode(text));
      const read = async () => {
        for (const event of await listEventsAfter(db, cursor)) {
          cursor = BigInt(event.id);
          send(`id: ${event.id}\nevent: change\ndata: ${JSON.stringify(event)}\n\n`);
        }
      };
      const wake = () => {
        reading ??= setTimeout(() => {
          reading = undefined;
          read().catch(end);
        }, READ_INTERVAL_MS);
      };
      const off = onEvents(db, wake);
      const beat = setInterval(() => {
        stillAllowed().then((allowed) => (allowed ? send(": beat\n\n") : end()), end);
      }, BEAT_MS);
      const end = () => {
        if (stopped) return;
        stop();
        controller.close();
      };
      stop = () => {
        stopped = true;
        off();
        clearInterval(beat);
        clearTimeout(reading);
      };
      send("retry: 2000\n\n");
      wake();
    },
    cancel: () => stop(),
  });
}
