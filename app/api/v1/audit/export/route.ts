import { downloadAudit } from "@/lib/admin/audit-stream";

export const dynamic = "force-dynamic";

export { downloadAudit as GET };
