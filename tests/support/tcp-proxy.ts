import { createServer, type Server, Socket } from "node:net";

/** What stands between a source and a target in these tests: it counts, holds, stalls, cuts, and loses answers. It changes no byte. */
export class TcpProxy {
  /** Bytes taken from sources so far; what is sent twice counts twice. */
  sourceBytes = 0;
  /** Connections refused since the last cut. */
  refused = 0;
  private readonly links = new Set<Link>();
  private state: "open" | "stalled" | "cut" = "open";
  private heldAt = Number.POSITIVE_INFINITY;
  private reached: (() => void) | null = null;
  private answerLost: (() => void) | null = null;

  private constructor(
    private readonly server: Server,
    private targetPort: number,
  ) {}

  static start(targetPort: number): Promise<TcpProxy> {
    // Half-open: an end of one side must not end the other by itself.
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
    const proxy = new TcpProxy(server, targetPort);
    server.on("connection", (socket) => proxy.accept(socket));
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", () => resolve(proxy));
    });
  }

  get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === "string") throw new Error("the proxy is closed");
    return address.port;
  }

  /** Later connections go there: a target that was started again has another port. */
  leadTo(port: number): void {
    this.targetPort = port;
  }

  /** Lets exactly `bytes` more from the source pass, then nothing until resume(). Resolves when they have. */
  holdAfter(bytes: number): Promise<void> {
    this.heldAt = this.sourceBytes + bytes;
    return new Promise((resolve) => {
      this.reached = resolve;
    });
  }

  /** Nothing passes in either direction; connections stay and new ones are taken. */
  stall(): void {
    this.state = "stalled";
  }

  /** Every connection is reset and new ones are too. */
  cut(): void {
    this.state = "cut";
    this.refused = 0;
    for (const link of this.links) link.destroy();
  }

  resume(): void {
    this.state = "open";
    this.heldAt = Number.POSITIVE_INFINITY;
    for (const link of this.links) link.move();
  }

  /**
   * The next answer to a request of at least 64 KiB never arrives: what the target says is thrown away and the connection ends.
   * Resolves when that has happened.
   */
  loseNextAnswer(): Promise<void> {
    for (const link of this.links) link.askedBytes = 0;
    return new Promise((resolve) => {
      this.answerLost = resolve;
    });
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Of the next `length` bytes from the source: how many may pass now. */
  allowance(length: number): number {
    if (this.state !== "open") return 0;
    return Math.max(0, Math.min(length, this.heldAt - this.sourceBytes));
  }

  took(bytes: number): void {
    this.sourceBytes += bytes;
    if (this.sourceBytes < this.heldAt) return;
    this.reached?.();
    this.reached = null;
  }

  get isOpen(): boolean {
    return this.state === "open";
  }

  /** true: this answer is to be lost. */
  losesAnswer(askedBytes: number): boolean {
    if (this.answerLost === null || askedBytes < 64 * 1024) return false;
    this.answerLost();
    this.answerLost = null;
    return true;
  }

  private accept(socket: Socket): void {
    if (this.state === "cut") {
      this.refused += 1;
      socket.resetAndDestroy();
      return;
    }
    const link = new Link(this, socket, this.targetPort, () => this.links.delete(link));
    this.links.add(link);
  }
}

/** One connection: two directions, each with at most one piece in hand. */
class Link {
  askedBytes = 0;
  private readonly target: Socket;
  private fromSource: Buffer | null = null;
  private fromTarget: Buffer | null = null;

  constructor(
    private readonly proxy: TcpProxy,
    private readonly source: Socket,
    targetPort: number,
    private readonly closed: () => void,
  ) {
    this.target = new Socket({ allowHalfOpen: true });
    this.target.connect(targetPort, "127.0.0.1");
    for (const [socket, other] of [
      [this.source, this.target],
      [this.target, this.source],
    ] as const) {
      socket.on("error", () => this.destroy());
      socket.on("close", () => this.destroy());
      socket.on("end", () => other.end());
      socket.on("drain", () => this.move());
    }
    this.source.on("data", (bytes: Buffer) => {
      this.source.pause();
      this.fromSource = bytes;
      this.move();
    });
    this.target.on("data", (bytes: Buffer) => {
      this.target.pause();
      this.fromTarget = bytes;
      this.move();
    });
    this.source.resume();
  }

  /** Passes on what is in hand, as far as the proxy lets it, and asks for more. */
  move(): void {
    if (this.fromSource !== null && !this.target.writableNeedDrain) this.moveFromSource(this.fromSource);
    if (this.fromTarget !== null && !this.source.writableNeedDrain) this.moveFromTarget(this.fromTarget);
    if (this.fromSource === null && !this.target.writableNeedDrain) this.source.resume();
    if (this.fromTarget === null && !this.source.writableNeedDrain) this.target.resume();
  }

  destroy(): void {
    this.source.resetAndDestroy();
    this.target.resetAndDestroy();
    this.closed();
  }

  private moveFromSource(bytes: Buffer): void {
    const passing = this.proxy.allowance(bytes.length);
    if (passing === 0) return;
    this.target.write(bytes.subarray(0, passing));
    this.askedBytes += passing;
    this.fromSource = passing < bytes.length ? bytes.subarray(passing) : null;
    this.proxy.took(passing);
  }

  private moveFromTarget(bytes: Buffer): void {
    if (!this.proxy.isOpen) return;
    if (this.proxy.losesAnswer(this.askedBytes)) {
      this.destroy();
      return;
    }
    this.source.write(bytes);
    this.fromTarget = null;
  }
}
