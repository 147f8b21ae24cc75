import { downloadStatement } from "@/lib/admin/billing-streams";

export const dynamic = "force-dynamic";

export { downloadStatement as GET };
