import { serveVendor } from "@/lib/vendors/route";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export { serveVendor as DELETE, serveVendor as GET, serveVendor as PATCH, serveVendor as POST, serveVendor as PUT };
