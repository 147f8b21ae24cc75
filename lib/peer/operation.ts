import type { z } from "zod";
import type { EngineContext } from "@/lib/engine/context";
import type { PeerCall } from "@/lib/engine/pairing/caller";
import type { Method } from "@/lib/http/row";

/** Where the ReplicationCommunication service hangs; paths of rows are relative to it. */
export const PEER_PREFIX = "/apprecovery/api/core/replicationcomms";

/** Most bytes of a JSON body unless a row says otherwise: lists of this protocol are paged or bounded well below it. */
export const JSON_BYTES_MAX = 1024 * 1024;

/**
 * anyone: nothing has to be shown · pending: a key that has asked for pairing · paired: a certificate that counts now ·
 * administrator: name and password (Basic) of an administrator of this core · paired-administrator: both, for demands that
 * concern a pairing · enrolling: an administrator, or the holder of a one-time enrolment token (Bearer).
 */
export const AUTHS = ["anyone", "pending", "paired", "administrator", "paired-administrator", "enrolling"] as const;
export type Auth = (typeof AUTHS)[number];
export type Body = "none" | "json" | "stream";
export type Answer = "none" | "json" | "stream";

/** What an engine verb must return for a row with this output and answer. */
export type Result<O extends z.ZodType | null, A extends Answer> = A extends "stream"
  ? AsyncIterable<Uint8Array>
  : O extends z.ZodType
    ? z.input<O>
    : // biome-ignore lint/suspicious/noConfusingVoidType: verbs that answer nothing are declared Promise<void>.
      void;

export type Handler<I extends z.ZodType, O extends z.ZodType | null, A extends Answer> = (
  ctx: EngineContext,
  input: z.output<I>,
  call: PeerCall,
) => Promise<Result<O, A>>;

/**
 * One operation of the ReplicationCommunication contract as data: the route, the client, the reference page and the tests are served from it.
 * The handler is an engine verb, loaded lazily so that the client can import the table without the server's code.
 */
export interface Operation<
  I extends z.ZodType = z.ZodType,
  O extends z.ZodType | null = z.ZodType | null,
  B extends Body = Body,
  A extends Answer = Answer,
> {
  /** The contract's own name. */
  readonly name: string;
  readonly method: Method;
  /** URI template below PEER_PREFIX. `?name={name}` at its end declares inputs that travel in the query although there is a JSON body. */
  readonly path: `/${string}`;
  /** Older spellings of the path, which are answered too. */
  readonly aliases?: readonly `/${string}`[];
  /** The row is an older spelling, with another method, of the operation that has its name. */
  readonly isOldSpelling?: true;
  /** The operation is Twincore's own, for cores among themselves; the published contract does not know it. Its path begins with /twincore. */
  readonly isOwn?: true;
  readonly auth: Auth;
  readonly summary: string;
  /** Path parts, query and JSON body together. What is not in the path travels as JSON when body is "json", else in the query: coerce there. */
  readonly input: I;
  readonly body: B;
  /** null: void; answered with 200 and an empty body. */
  readonly output: O;
  readonly answer: A;
  /** Root element of the answer in the contract's XML. */
  readonly xmlRoot?: string;
  /** Root elements that a body may have in XML; the first is the one that this core sends. */
  readonly inputRoots?: readonly [string, ...string[]];
  /** May the client repeat it when it does not know whether it arrived? */
  readonly idempotent?: boolean;
  readonly bytesMax?: number;
  /** Ends the connection with the answer, so that the next call makes a newly secured one. */
  readonly closes?: boolean;
  readonly handler: () => Promise<Handler<I, O, A>>;
}

export function operation<I extends z.ZodType, O extends z.ZodType | null, B extends Body, A extends Answer>(
  row: Operation<I, O, B, A>,
): Operation<I, O, B, A> {
  return row;
}

/** A row whose types are no longer known, as tables hold it. */
// biome-ignore lint/suspicious/noExplicitAny: handlers are contravariant in their input; only dispatch and tests see rows this way, behind zod.
export type AnyOperation = Operation<any, any, Body, Answer>;
