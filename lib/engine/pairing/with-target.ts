import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { loadCredentials } from "./credentials";
import type { PairingTarget } from "./gateway";
import { gatewayOf } from "./internal";

/**
 * Speaks to the target of a pairing while the caller waits, with the certificate of this moment, and hangs up after. Throws
 * unavailable when it cannot be reached, and what it answered when it refused.
 */
export async function withTarget<T>(
  ctx: EngineContext,
  pairingId: string,
  work: (target: PairingTarget) => Promise<T>,
): Promise<T> {
  const target = gatewayOf(ctx).open(await loadCredentials(ctx, pairingId));
  return work(target).finally(() => target.close());
}
