/** Runs while we wait for the other core, and only then: our own rate cap or a slow disk must not count as its silence. */
export class IdleTimer {
  private timer: NodeJS.Timeout | undefined;
  constructor(private readonly onSilence: (afterMs: number) => void) {}

  /** Starts to wait, or starts anew because something arrived. */
  wait(timeoutMs: number): void {
    this.stop();
    this.timer = setTimeout(() => this.onSilence(timeoutMs), timeoutMs);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}

/** Lets one waiter sleep until somebody opens it; opening it before is remembered. */
export class Gate {
  private opened = false;
  private wake: (() => void) | undefined;

  open(): void {
    this.opened = true;
    this.wake?.();
  }

  async passed(): Promise<void> {
    if (!this.opened)
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    this.opened = false;
    this.wake = undefined;
  }
}
