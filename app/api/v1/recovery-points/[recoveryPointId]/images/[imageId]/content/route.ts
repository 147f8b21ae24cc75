import { downloadImage } from "@/lib/admin/streams";

export const dynamic = "force-dynamic";

export { downloadImage as GET, downloadImage as HEAD };
