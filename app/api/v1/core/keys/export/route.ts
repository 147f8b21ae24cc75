import { downloadKeys } from "@/lib/admin/key-export";

export const dynamic = "force-dynamic";

export { downloadKeys as POST };
