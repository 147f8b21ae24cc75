import { downloadCoreFile } from "@/lib/admin/file-streams";

export const dynamic = "force-dynamic";

export { downloadCoreFile as GET, downloadCoreFile as HEAD };
