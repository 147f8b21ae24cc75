import type { EngineContext } from "@/lib/engine/context";
import type { Caller } from "@/lib/engine/pairing/caller";
import { TwincoreError } from "@/lib/errors";

/** Set by our own peer listener from the verified TLS socket, and deleted from whatever arrives, on every listener. */
export const CERTIFICATE_HEADER = "x-twincore-peer-certificate";
export const ADDRESS_HEADER = "x-twincore-client-address";

/** The certificate that the connection proved, as DER; null when none was shown. */
export function certificateOf(request: Request): Buffer | null {
  const value = request.headers.get(CERTIFICATE_HEADER);
  return value ? Buffer.from(value, "base64") : null;
}

/**
 * Who calls: by certificate, and by what the Authorization header says on top. Asks the database every time, so that an ended
 * pairing or a changed password ends at the next request. Throws unauthenticated for credentials that are wrong.
 */
export async function identify(ctx: EngineContext, request: Request): Promise<Caller> {
  const { identifyPeer } = await import("@/lib/engine/pairing/identify");
  const address = request.headers.get(ADDRESS_HEADER) ?? "unknown";
  const holder = await identifyPeer(ctx, { certificate: certificateOf(request), address });
  const token = bearerOf(request);
  if (token !== null) {
    const { verifyEnrolmentToken } = await import("@/lib/engine/enrolment-tokens");
    const { certificate } = holder;
    return {
      ...holder,
      administrator: null,
      enrolment: await verifyEnrolmentToken(ctx, { token, address, certificate }),
    };
  }
  const basic = basicOf(request);
  if (!basic) return { ...holder, administrator: null, enrolment: null };
  const { verifyAdministrator } = await import("@/lib/engine/accounts/verify-administrator");
  return { ...holder, administrator: await verifyAdministrator(ctx, { ...basic, address }), enrolment: null };
}

/** The text of a Bearer header (RFC 6750), null when there is no such header. */
function bearerOf(request: Request): string | null {
  const [, token] = /^bearer +(\S{1,200})$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  return token ?? null;
}

/** Name and password of a Basic header (RFC 7617), null when there is no such header. NTLM, which the contract names, is dead. */
function basicOf(request: Request): { email: string; password: string } | null {
  const header = request.headers.get("authorization") ?? "";
  const [scheme = "", value = ""] = header.split(" ");
  if (/^(ntlm|negotiate)$/i.test(scheme))
    throw new TwincoreError("unauthenticated", "This core does not speak NTLM. Send an administrator's name by Basic.");
  if (!/^basic$/i.test(scheme)) return null;
  const [, email = "", password = ""] =
    /^([^:]{0,254}):([\s\S]{0,1024})$/.exec(Buffer.from(value, "base64").toString()) ?? [];
  return { email, password };
}
