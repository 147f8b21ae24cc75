import type { IncomingMessage, ServerResponse } from "node:http";
import { serveListener } from "@/lib/runtime/listeners/serve";
import { toVendorTarget } from "@/lib/runtime/listeners/vendor-target";
import { runRole } from "@/lib/runtime/run-role";

/** The role vendor: clients of Unitrends, PowerStore, CBR and Veeam. Old ones among them speak TLS 1.2. */
runRole((context) =>
  serveListener(context, {
    name: "vendor",
    tls: { minVersion: "TLSv1.2" },
    connectionsMax: 1_000,
    guard: vendorRequestsOnly,
  }),
);

function vendorRequestsOnly(request: IncomingMessage, response: ServerResponse): boolean {
  const target = toVendorTarget(request.url ?? "");
  if (target !== null) {
    request.url = target;
    return false;
  }
  response.writeHead(400, { "content-type": "text/plain" }).end("This address cannot be read.\n");
  return true;
}
