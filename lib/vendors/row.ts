import type { z } from "zod";
import type { Me, Role } from "@/lib/engine/accounts/schemas";
import type { Credential, EngineContext } from "@/lib/engine/context";
import type { Method, Reach } from "@/lib/http/row";

/** What a handler may know of the call besides its input. */
export interface VendorCall {
  readonly request: Request;
  readonly requestId: string;
  /** Where the client is, by its socket. */
  readonly address: string;
  /** How the client reaches this listener: scheme, host and port, no slash at the end. For links in answers. */
  readonly baseUrl: string;
  /** Path as the client wrote it, without a slash at the end. */
  readonly path: string;
  /** null: the row is for anyone. */
  readonly caller: VendorCaller | null;
}

export interface VendorCaller {
  readonly account: Me;
  readonly credential: Credential;
  /** The sign-in that the credential belongs to; null: it stands by itself (Basic, API token, signature). */
  readonly signInId: string | null;
  /** What the credential was given out for (CBR: a project's id); absent or null: everything its account may. */
  readonly scope?: string | null;
}

/** What a handler answers. A bare status without a body is a real answer in these APIs. */
export interface VendorResult<B = unknown> {
  readonly status?: number;
  readonly body?: B;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * One endpoint of another vendor's API as data: the route, the reference page and the tests are served from it. A handler converts, calls
 * one engine verb and converts back. Loaded lazily, so that the reference can import the table without the server's code.
 */
export interface VendorRow<I extends z.ZodType = z.ZodType, O extends z.ZodType | null = z.ZodType | null> {
  readonly name: string;
  readonly method: Method;
  /** From the root of the listener, with `{name}` parts. */
  readonly path: `/${string}`;
  readonly summary: string;
  /** Who may call. Deny is the default: there is no empty list. */
  readonly roles: readonly [Role, ...Role[]] | "anyone";
  /** As in the native API's rows; absent: "core". */
  readonly reach?: Reach;
  /** What a token needs for it ("vendors:read", "vendors:write") where the method does not tell; absent: only GET reads. */
  readonly needs?: "read" | "write";
  /** Path parts, query and body together. */
  readonly input: I;
  /** null: answered without a body. */
  readonly output: O;
  /** Of success, unless the handler says another. */
  readonly status: number;
  readonly bytesMax?: number;
  readonly handler: () => Promise<VendorHandler<I, O>>;
}

export type VendorHandler<I extends z.ZodType, O extends z.ZodType | null> = (
  ctx: EngineContext,
  input: z.output<I>,
  call: VendorCall,
) => Promise<VendorResult<O extends z.ZodType ? z.input<O> : undefined>>;

export const vendorRow = <I extends z.ZodType, O extends z.ZodType | null>(row: VendorRow<I, O>): VendorRow<I, O> =>
  row;

/** A row whose types are no longer known, as tables hold it. */
// biome-ignore lint/suspicious/noExplicitAny: handlers are contravariant in their input; only serve and tests see rows this way, behind zod.
export type AnyVendorRow = VendorRow<any, any>;

export { administrators, approvers, everyone, operators } from "@/lib/http/row";
