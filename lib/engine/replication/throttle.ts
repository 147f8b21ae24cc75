/** What of a second may be sent at once after a silence: a burst that no router along the way has to drop. */
const BURST_SECONDS = 0.25;
/** A change of the rate must be felt soon by those who wait. */
const WAIT_MS_MAX = 250;

export interface Clock {
  now(): number;
  wait(delayMs: number): Promise<void>;
}

const realClock: Clock = {
  now: () => performance.now(),
  wait: (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs)),
};

/** A rate cap whose rate may be changed while senders wait. null: no cap. */
export class TokenBucket {
  private tokens = 0;
  private filledAt: number;

  constructor(
    private bytesPerSecond: number | null = null,
    private readonly clock: Clock = realClock,
  ) {
    this.filledAt = clock.now();
  }

  /** Bytes per second; null: no cap. */
  get rate(): number | null {
    return this.bytesPerSecond;
  }

  setRate(bytesPerSecond: number | null): void {
    this.fill();
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Resolves when so many bytes may be sent. More than a burst is let through once the bucket is not in debt. */
  async take(bytes: number): Promise<void> {
    for (;;) {
      this.fill();
      if (this.bytesPerSecond === null || this.tokens >= 0) break;
      const delayMs = Math.min(WAIT_MS_MAX, Math.ceil((-this.tokens / this.bytesPerSecond) * 1000));
      await this.clock.wait(delayMs);
    }
    if (this.bytesPerSecond !== null) this.tokens -= bytes;
  }

  private fill(): void {
    const now = this.clock.now();
    const rate = this.bytesPerSecond;
    this.tokens =
      rate === null ? 0 : Math.min(rate * BURST_SECONDS, this.tokens + ((now - this.filledAt) / 1000) * rate);
    this.filledAt = now;
  }
}
