import type { z } from "zod";
import type { Answer, Operation } from "./operation";

// biome-ignore lint/suspicious/noConfusingVoidType: the return type of a call without answer.
type Output<O extends z.ZodType | null> = O extends z.ZodType ? z.output<O> : void;
/** What a call gives back: the parsed output, nothing, or the bytes of the answer as they arrive. */
export type AnswerOf<O extends z.ZodType | null, A extends Answer> = A extends "stream"
  ? AsyncIterable<Buffer>
  : Output<O>;

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Longest silence of the other core while we wait for it: to take bytes, to answer, to send more. Default 120 s. */
  readonly timeoutMs?: number;
  /** Bytes of HTTP since the last report, after every piece written or read. */
  readonly onBytes?: (sent: number, received: number) => void;
  /** Sent as it is in the Authorization header. */
  readonly authorization?: string;
  /** Awaited before each piece of a request body of so many bytes is written: a rate cap. */
  readonly throttle?: (bytes: number) => Promise<void>;
}

/** The other core over HTTPS with client certificates. Every failure is a TwincoreError: the peer's own code, or `unavailable`. */
export interface PeerClient {
  /** An operation without streams. Rows marked idempotent are repeated once when a kept connection turned out to be dead. */
  call<I extends z.ZodType, O extends z.ZodType | null, A extends "none" | "json">(
    op: Operation<I, O, "none" | "json", A>,
    input: z.input<I>,
    options?: CallOptions,
  ): Promise<AnswerOf<O, A>>;
  /** An operation with a streamed body. An early refusal ends the sending and is thrown as what it is. */
  send<I extends z.ZodType, O extends z.ZodType | null, A extends Answer>(
    op: Operation<I, O, "stream", A>,
    input: z.input<I>,
    body: AsyncIterable<Uint8Array>,
    options?: CallOptions,
  ): Promise<AnswerOf<O, A>>;
  /** An operation with a streamed answer. Resolves when the answer begins; leaving the iteration ends the call. */
  receive<I extends z.ZodType, O extends z.ZodType | null>(
    op: Operation<I, O, "none" | "json", "stream">,
    input: z.input<I>,
    options?: CallOptions,
  ): Promise<AsyncIterable<Buffer>>;
  /** DER of the peer's certificate and those above it, as the newest connection showed them. */
  readonly peerChain: readonly Buffer[];
  close(): void;
}

export interface PeerClientOptions {
  /** Base URL of the peer listener, https. */
  readonly baseUrl: string;
  readonly tls: {
    readonly key: string;
    readonly cert: string;
    /** PEM of the only CA that may have signed the peer's certificate; "first-contact" trusts whatever answers, so that its key can be compared by people. */
    readonly ca: string | "first-contact";
  };
  /** Told with every answer that says the other core's time: how far it is ahead of ours. */
  readonly onClock?: (skewMs: number) => void;
  /** Our own clock; the machine's when absent. */
  readonly now?: () => Date;
  /** Connections at most; several transfers are in flight at once. Default 8. */
  readonly connectionsMax?: number;
}
