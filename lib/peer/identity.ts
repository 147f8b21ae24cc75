import type { EngineContext } from "@/lib/engine/context";
import type { Caller } from "@/lib/engine/pairing/caller";

/** Set by our own peer listener from the verified TLS socket, and deleted from whatever arrives, on every listener. */
export const CERTIFICATE_HEADER = "x-twincore-peer-certificate";
export const ADDRESS_HEADER = "x-twincore-client-address";

/** The certificate that the connection proved, as DER; null when none was shown. */
export function certificateOf(request: Request): Buffer | null {
  const value = request.headers.get(CERTIFICATE_HEADER);
  return value ? Buffer.from(value, "base64") : null;
}

/** Who calls. Asks the database every time, so that an ended pairing ends at the next request. */
export async function identify(ctx: EngineContext, request: Request): Promise<Caller> {
  const { identifyPeer } = await import("@/lib/engine/pairing/identify");
  return identifyPeer(ctx, {
    certificate: certificateOf(request),
    address: request.headers.get(ADDRESS_HEADER) ?? "unknown",
  });
}
