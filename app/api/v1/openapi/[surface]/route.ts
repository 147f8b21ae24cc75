import { serveOpenApi } from "@/lib/reference/serve";

export const dynamic = "force-dynamic";

export { serveOpenApi as GET };
