import type { z } from "zod";
import type { LimitedBy } from "@/lib/engine/sessions/schemas";

type Limit = z.infer<typeof LimitedBy>;
/** What a transfer waits for: our disk, the line (or a target that takes no more), the target's answer, our own rate cap. */
type Wait = "source-disk" | "network" | "target" | "rate-cap";
const WAITS: readonly Wait[] = ["rate-cap", "source-disk", "network", "target"];

/** Where the time of transfers goes, to name what limits a run. Waits that still last are counted too. */
export class Meter {
  private readonly waiting = zero();
  private spent = zero();
  private since: number;

  constructor(private readonly now: () => number = () => performance.now()) {
    this.since = now();
  }

  /** Something waits from now until the returned function is called, once. */
  begin(wait: Wait): () => void {
    this.accrue();
    this.waiting[wait]++;
    return () => {
      this.accrue();
      this.waiting[wait]--;
    };
  }

  /** The largest share since the last look; then begins anew. */
  look(): Limit {
    this.accrue();
    const { spent } = this;
    this.spent = zero();
    // Waiting for the rate cap happens inside of waiting for the network.
    spent.network = Math.max(0, spent.network - spent["rate-cap"]);
    const largest = WAITS.reduce((best, wait) => (spent[wait] > spent[best] ? wait : best));
    return spent[largest] > 0 ? largest : "nothing";
  }

  /** The frames of one transfer with their waits measured. `ended` is called when the last one was taken. */
  async *measure(frames: AsyncIterable<Buffer>, ended: () => void): AsyncGenerator<Buffer> {
    const source = frames[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await this.during("source-disk", () => source.next());
        if (done) break;
        const taken = this.begin("network");
        try {
          yield value;
        } finally {
          taken();
        }
      }
      ended();
    } finally {
      await source.return?.();
    }
  }

  async during<T>(wait: Wait, work: () => Promise<T>): Promise<T> {
    const end = this.begin(wait);
    try {
      return await work();
    } finally {
      end();
    }
  }

  private accrue(): void {
    const now = this.now();
    for (const wait of WAITS) this.spent[wait] += this.waiting[wait] * (now - this.since);
    this.since = now;
  }
}

const zero = (): Record<Wait, number> => ({ "source-disk": 0, network: 0, target: 0, "rate-cap": 0 });
