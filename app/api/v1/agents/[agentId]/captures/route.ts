import { serveAdmin } from "@/lib/admin/serve";
import { receiveCapture } from "@/lib/admin/streams";

export const dynamic = "force-dynamic";

// POST starts a capture of the agent's volumes; PUT is the bytes themselves, as `curl -T -` sends them.
export { receiveCapture as PUT, serveAdmin as POST };
