import "server-only";
import { engineContext } from "@/lib/context";
import { env } from "@/lib/env";
import { dialects } from ".";
import { serveVendors } from "./serve";

/** The vendors' APIs in this process; 404 unless its role is vendor. */
export function serveVendor(request: Request): Promise<Response> {
  if (env().role !== "vendor") return Promise.resolve(new Response(null, { status: 404 }));
  return serveVendors(request, {
    dialects,
    context: (actor, row, { requestId, address }) => engineContext(actor, { requestId, address, reach: row?.reach }),
  });
}
