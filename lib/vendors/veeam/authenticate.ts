import "server-only";
import type { EngineContext } from "@/lib/engine/context";
import { findVendorSignIn } from "@/lib/engine/vendor-sign-ins";
import type { VendorCall, VendorCaller } from "../row";

/** Authorization: Bearer, with a token that /token gave out or an API token. */
export async function authenticate(
  system: EngineContext,
  { request }: Omit<VendorCall, "caller">,
): Promise<VendorCaller | null> {
  const token = /^Bearer\s+(\S{1,1024})$/i.exec(request.headers.get("authorization")?.trim() ?? "")?.[1];
  const found = token === undefined ? null : await findVendorSignIn(system, { door: "veeam", token });
  return found && { account: found.account, credential: found.credential, signInId: found.id };
}
