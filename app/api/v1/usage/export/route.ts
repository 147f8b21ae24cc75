import { downloadUsage } from "@/lib/admin/billing-streams";

export const dynamic = "force-dynamic";

export { downloadUsage as GET };
