import "server-only";
import { reserveRoom } from "@/lib/engine/image-sessions/room";
import { noteArrived } from "@/lib/engine/quotas";
import { FRAME_HEADER_BYTES } from "@/lib/engine/records/frame";
import { encodeKeys, type RecordKey } from "@/lib/engine/records/key";
import { receiveFrames } from "@/lib/engine/records/receive";
import type { Window } from "@/lib/engine/replication/window";
import { integrity } from "@/lib/errors";
import { FETCH_BYTES_MAX, KEYS_PER_FETCH, SPAN_PER_FETCH } from "./peer-schemas";
import type { Fetcher } from "./take-points";

/** A missing record and its place in the image. */
export interface Wanted {
  readonly key: RecordKey;
  readonly position: number;
}

/** How much the newest answer counts in what is known of compression. */
const SMOOTHING = 0.3;
/** However well the data compress: a request's plaintext is at most so many times the window. */
const RATIO_MIN = 0.1;

/** The requests for records of one image: several under way, never more than the window. The first failure is thrown by the next call. */
export class Fetches {
  /** Bytes of frames that are new here. */
  storedBytes = 0;
  private readonly inFlight = new Set<Promise<void>>();
  private failure: { error: unknown } | null = null;
  /** Bytes of frames for a byte of plaintext, lately. */
  private ratio = 1;

  constructor(
    private readonly work: Fetcher,
    private readonly imageId: string,
    private readonly recoveryPointId: string,
  ) {}

  /** Asks for the records of one batch, in order. Resolves when the last request is on its way. */
  async fetch(wanted: readonly Wanted[]): Promise<void> {
    for (let at = 0; at < wanted.length; ) {
      while (this.inFlight.size >= this.window.inFlight) await Promise.race(this.inFlight);
      this.assertWorking();
      this.work.control.assertGoing();
      const some = this.next(wanted, at);
      at += some.length;
      const one: Promise<void> = this.request(some)
        .catch((error: unknown) => {
          this.failure ??= { error };
        })
        .finally(() => this.inFlight.delete(one));
      this.inFlight.add(one);
    }
  }

  /** Resolves when everything is durable here. */
  async finish(): Promise<void> {
    await Promise.all(this.inFlight);
    this.assertWorking();
  }

  /** After a failure: waits for what is in flight, of which whole records are kept. */
  async settle(): Promise<void> {
    await Promise.all(this.inFlight);
  }

  private get window(): Window {
    return this.work.pace.window(this.work.control.capBytesPerSecond);
  }

  /** As many as fit the window, and never none. */
  private next(wanted: readonly Wanted[], from: number): Wanted[] {
    const plainMax = Math.min(FETCH_BYTES_MAX, this.window.transferBytes / Math.max(RATIO_MIN, this.ratio));
    const first = wanted[from]?.position ?? 0;
    const some: Wanted[] = [];
    let bytes = 0;
    for (let at = from; at < wanted.length && some.length < KEYS_PER_FETCH; at++) {
      const one = wanted[at];
      if (!one || one.position - first >= SPAN_PER_FETCH) break;
      if (some.length > 0 && bytes + one.key.rawLength > plainMax) break;
      bytes += one.key.rawLength;
      some.push(one);
    }
    return some;
  }

  private async request(some: readonly Wanted[]): Promise<void> {
    const { ctx, domain, control, pace, leased } = this.work;
    const plain = some.reduce((sum, { key }) => sum + key.rawLength, 0);
    // A record is never stored with more bytes than it has.
    const bytesMax = plain + some.length * FRAME_HEADER_BYTES;
    const release = await reserveRoom(ctx, domain, leased.session.agentId, bytesMax);
    try {
      const asked = new Set(some.map(({ key }) => key.digest.toString("latin1")));
      const begun = performance.now();
      const stream = this.stream(some);
      const received = await receiveFrames(
        ctx,
        domain,
        stream.pieces,
        (digest) => asked.has(digest.toString("latin1")),
        {
          bytesMax,
          recordsMax: some.length,
        },
      );
      this.storedBytes += received.bytes;
      const whose = { agentId: leased.session.agentId, tenantId: domain.tenantId };
      await noteArrived(ctx, whose, this.recoveryPointId, received.bytes);
      if (received.records + received.known < some.length)
        throw integrity("The other core did not hand out every record that was asked for.");
      const { beganAt, bytes } = stream.seen;
      this.ratio = this.ratio * (1 - SMOOTHING) + Math.min(1, bytes / plain) * SMOOTHING;
      pace.note(bytes, performance.now() - begun, beganAt - begun, this.inFlight.size);
      control.progress.sent(plain, some.length);
    } finally {
      await release();
    }
  }

  /** The frames as they arrive, held up by the rate cap, ended when the run shall stop. */
  private stream(some: readonly Wanted[]) {
    const { control, target, leased } = this.work;
    const start = some[0]?.position ?? 0;
    const input = {
      agentId: leased.session.agentId,
      imageId: this.imageId,
      start,
      count: (some.at(-1)?.position ?? start) - start + 1,
    };
    const seen = { beganAt: performance.now(), bytes: 0 };
    async function* arriving(): AsyncGenerator<Uint8Array> {
      const keys = encodeKeys(some.map(({ key }) => key));
      const content = await control.meter.during("target", () => target.readImageRecords(input, keys));
      seen.beganAt = performance.now();
      const source = content[Symbol.asyncIterator]();
      try {
        for (;;) {
          const { done, value } = await control.meter.during("network", () => source.next());
          if (done) return;
          // What came whole is kept; the run ends with the records that are here.
          control.assertGoing();
          seen.bytes += value.length;
          await control.throttle(value.length);
          yield value;
        }
      } finally {
        await source.return?.();
      }
    }
    return { seen, pieces: arriving() };
  }

  private assertWorking(): void {
    if (this.failure) throw this.failure.error;
  }
}
