import { followEvents } from "@/lib/admin/streams";

export const dynamic = "force-dynamic";

export { followEvents as GET };
