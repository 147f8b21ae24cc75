import { serveAdmin } from "@/lib/admin/serve";

export const dynamic = "force-dynamic";

export { serveAdmin as DELETE, serveAdmin as GET, serveAdmin as PATCH, serveAdmin as POST, serveAdmin as PUT };
