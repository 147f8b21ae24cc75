import { downloadFile } from "@/lib/admin/streams";

export const dynamic = "force-dynamic";

export { downloadFile as GET, downloadFile as HEAD };
