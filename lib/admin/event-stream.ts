import "server-only";
import type { Database } from "@/lib/db/client";
import { RIGHTS_CHANGED } from "@/lib/engine/events/emit";
import { listEventsAfter, newestEventId } from "@/lib/engine/events/list";
import { onEvents } from "@/lib/engine/events/subscribe";

// Proxies drop what is silent for 30 s or more; the beat is also when a sign-in that ended by its age is noticed.
const BEAT_MS = 15_000;
// Progress is written once a second per run; reading more often than this would serve nobody.
const READ_INTERVAL_MS = 250;

/** What has become of the reader's rights: "changed" closes the stream, and the reader opens another one with what it may see now. */
export type Standing = "same" | "changed" | "signed-out";

/**
 * Server-sent events from `lastEventId` on (or from now), until the reader goes or `standing` says that it is no more what it was: asked
 * with each beat, and at once when anybody's sign-in ends or rights change. Each event: `id`, `event: change`, data = EventMessage; to
 * who was signed out, last, `event: signed-out`.
 */
export function eventStream(
  db: Database,
  lastEventId: string | null,
  standing: () => Promise<Standing>,
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
      const check = async (beats: boolean) => {
        const is = await standing();
        if (is === "signed-out") send("event: signed-out\ndata: {}\n\n");
        if (is !== "same") end();
        else if (beats) send(": beat\n\n");
      };
      const off = onEvents(db, (said) => {
        if (said === RIGHTS_CHANGED) check(false).catch(end);
        else wake();
      });
      const beat = setInterval(() => check(true).catch(end), BEAT_MS);
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
