import type { ClientRequest, IncomingMessage } from "node:http";
import { type Agent, request as httpsRequest } from "node:https";
import { TIME_HEADER } from "@/lib/engine/pairing/clock";
import { TwincoreError } from "@/lib/errors";
import type { CallOptions } from "./client-types";
import { unreachable } from "./faults";
import { Gate, IdleTimer } from "./idle-timer";
import type { WireRequest } from "./wire";

/** Measured: the fastest size to write to a TLS socket; larger pieces only wait longer. */
const PIECE_BYTES = 64 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;
/** A target may flush a whole pack to a slow disk before it answers. */
const IDLE_TIMEOUT_MS = 120_000;

/** One HTTP exchange with the other core: sends, and hands over the answer once its head is there. */
export class Exchange {
  private readonly request: ClientRequest;
  private readonly timer = new IdleTimer((afterMs) => this.request.destroy(silence(afterMs)));
  private readonly gate = new Gate();
  private readonly idleMs: number;
  private response: IncomingMessage | undefined;
  private failure: Error | undefined;
  private counted = { sent: 0, received: 0 };

  constructor(
    base: URL,
    agent: Agent,
    wire: WireRequest,
    streamed: boolean,
    private readonly options: CallOptions,
    sentAt: Date,
  ) {
    this.idleMs = options.timeoutMs ?? IDLE_TIMEOUT_MS;
    const { hostname, port } = base;
    const headers: Record<string, string | number> = {
      accept: "application/json, */*",
      [TIME_HEADER]: sentAt.toISOString(),
    };
    if (options.authorization) headers.authorization = options.authorization;
    if (streamed) headers["content-type"] = "application/octet-stream";
    if (wire.json !== null) headers["content-type"] = "application/json";
    if (wire.json !== null) headers["content-length"] = Buffer.byteLength(wire.json);
    const host = hostname.replace(/^\[|\]$/g, "");
    this.request = httpsRequest({
      agent,
      hostname: host,
      port: port || 443,
      method: wire.method,
      path: wire.path,
      headers,
    });
    this.listen();
  }

  /** Was an old connection taken, which the other side may have closed meanwhile? */
  get reusedConnection(): boolean {
    return this.request.reusedSocket;
  }

  /** Sends the body, if any, and waits for the head of the answer. A refusal that comes early ends the sending. */
  async run(json: string | null, body: AsyncIterable<Uint8Array> | null): Promise<IncomingMessage> {
    const abort = () => this.request.destroy(new Error("aborted"));
    this.options.signal?.addEventListener("abort", abort, { once: true });
    try {
      this.options.signal?.throwIfAborted();
      if (body) await this.pump(body);
      else this.request.end(json ?? undefined);
      return await this.head();
    } catch (thrown) {
      this.request.destroy();
      this.options.signal?.throwIfAborted();
      throw thrown;
    } finally {
      this.timer.stop();
      this.count();
      this.options.signal?.removeEventListener("abort", abort);
    }
  }

  /** The bytes of the answer. Leaving the iteration early ends the connection. */
  async *read(response: IncomingMessage): AsyncGenerator<Buffer> {
    const abort = () => response.destroy(new Error("aborted"));
    this.options.signal?.addEventListener("abort", abort, { once: true });
    const chunks: AsyncIterator<Buffer> = response[Symbol.asyncIterator]();
    try {
      for (;;) {
        this.options.signal?.throwIfAborted();
        this.timer.wait(this.idleMs);
        const { done, value } = await chunks.next().catch((cause: unknown) => {
          this.options.signal?.throwIfAborted();
          throw unreachable(cause);
        });
        this.timer.stop();
        this.count();
        if (done) return;
        yield value;
      }
    } finally {
      this.timer.stop();
      this.options.signal?.removeEventListener("abort", abort);
      // A connection with half a request or half an answer on it cannot be used again.
      if (!response.complete || !this.request.writableEnded) this.request.destroy();
    }
  }

  private listen(): void {
    this.request.on("socket", (socket) => {
      this.counted = { sent: socket.bytesWritten, received: socket.bytesRead };
      if (!socket.connecting) return;
      this.timer.wait(CONNECT_TIMEOUT_MS);
      socket.once("secureConnect", () => {
        this.timer.stop();
        this.gate.open();
      });
    });
    this.request.on("response", (response) => {
      this.response = response;
      this.gate.open();
    });
    this.request.on("error", (error) => {
      this.failure ??= error;
      this.gate.open();
    });
    this.request.on("close", () => this.gate.open());
    this.request.on("drain", () => this.gate.open());
  }

  private async pump(body: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const chunk of body) {
      for (let at = 0; at < chunk.byteLength; at += PIECE_BYTES) {
        const piece = chunk.subarray(at, at + PIECE_BYTES);
        await this.options.throttle?.(piece.byteLength);
        if (this.isOver()) return;
        const taken = this.request.write(piece);
        this.count();
        if (!taken) await this.drained();
        if (this.isOver()) return;
      }
    }
    this.request.end();
  }

  private async drained(): Promise<void> {
    while (this.request.writableNeedDrain && !this.isOver()) {
      this.timer.wait(this.request.socket?.connecting ? CONNECT_TIMEOUT_MS : this.idleMs);
      await this.gate.passed();
    }
    this.timer.stop();
  }

  /** Is there no use in sending more? A good answer may begin before the body ends; a refusal is final. */
  private isOver(): boolean {
    return this.failure !== undefined || this.request.destroyed || (this.response?.statusCode ?? 0) >= 400;
  }

  private async head(): Promise<IncomingMessage> {
    for (;;) {
      if (this.response) return this.response;
      if (this.failure || this.request.destroyed) throw unreachable(this.failure);
      this.timer.wait(this.request.socket?.connecting === false ? this.idleMs : CONNECT_TIMEOUT_MS);
      await this.gate.passed();
    }
  }

  private count(): void {
    const { socket } = this.request;
    if (!socket || !this.options.onBytes) return;
    const now = { sent: socket.bytesWritten, received: socket.bytesRead };
    this.options.onBytes(now.sent - this.counted.sent, now.received - this.counted.received);
    this.counted = now;
  }
}

const silence = (afterMs: number) =>
  new TwincoreError("unavailable", `The other core has not answered for ${Math.round(afterMs / 1000)} seconds.`);
