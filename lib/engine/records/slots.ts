/**
 * A bound on what may be under way at once, in whatever unit the caller counts (bytes, calls). First come, first served.
 * Something larger than the whole bound is let through alone rather than never.
 */
export class Slots {
  private used = 0;
  private readonly waiting: { amount: number; start: () => void }[] = [];

  constructor(private readonly max: number) {}

  /** Resolves when `amount` may begin; the caller must `release` the same amount once. */
  async acquire(amount: number): Promise<void> {
    if (this.waiting.length === 0 && this.fits(amount)) {
      this.used += amount;
      return;
    }
    await new Promise<void>((start) => this.waiting.push({ amount, start }));
  }

  release(amount: number): void {
    this.used -= amount;
    for (let next = this.waiting[0]; next && this.fits(next.amount); next = this.waiting[0]) {
      this.waiting.shift();
      this.used += next.amount;
      next.start();
    }
  }

  async run<T>(amount: number, work: () => Promise<T>): Promise<T> {
    await this.acquire(amount);
    try {
      return await work();
    } finally {
      this.release(amount);
    }
  }

  private fits(amount: number): boolean {
    return this.used === 0 || this.used + amount <= this.max;
  }
}
