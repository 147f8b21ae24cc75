import type { EngineContext } from "@/lib/engine/context";
import type { DoorName } from "@/lib/engine/doors/schemas";
import type { TwincoreError } from "@/lib/errors";
import type { AnyVendorRow, VendorCall, VendorCaller, VendorResult } from "./row";

/** What vendors differ in. Everything else of a door is its rows and converters. */
export interface Dialect {
  readonly door: DoorName;
  /** Is this path, as the client wrote it, of this API? Asked door by door; the first that says yes has it. */
  readonly owns: (path: string) => boolean;
  /** Literal parts of addresses match in any letter case. */
  readonly ignoreCase: boolean;
  readonly rows: readonly AnyVendorRow[];
  /**
   * Who calls, by the credentials as this vendor's clients send them; null: there are none. `system` is a context without an account, for the
   * lookup. Throws unauthenticated, too_many_requests.
   */
  readonly authenticate: (system: EngineContext, call: Omit<VendorCall, "caller">) => Promise<VendorCaller | null>;
  /** Query and body as one value for the row's schema; path parts are added by the caller. Throws invalid_input, too_large. */
  readonly readInput: (call: VendorCall, row: AnyVendorRow) => Promise<Record<string, unknown>>;
  /** The answer of a row; `result.body` has been parsed by the row's output. */
  readonly respond: (result: VendorResult, row: AnyVendorRow, call: VendorCall) => Response;
  /** Anything thrown, as this vendor's clients understand it. `row` is null when none was found. */
  readonly fail: (error: TwincoreError, row: AnyVendorRow | null, call: Omit<VendorCall, "caller">) => Response;
}
