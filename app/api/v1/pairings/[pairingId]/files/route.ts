import { sendFileToTarget } from "@/lib/admin/file-streams";

export const dynamic = "force-dynamic";

export { sendFileToTarget as PUT };
