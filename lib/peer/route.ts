import "server-only";
import { engineContext } from "@/lib/context";
import { env } from "@/lib/env";
import { dispatch } from "./dispatch";

/** The peer protocol in this process; answers 404 unless its role is peer. */
export function servePeer(request: Request): Promise<Response> {
  return dispatch(request, {
    role: env().role,
    context: (actor, requestId, address) => engineContext(actor, { requestId, address }),
  });
}
