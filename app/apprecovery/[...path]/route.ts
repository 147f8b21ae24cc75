import { servePeer } from "@/lib/peer/route";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

export { servePeer as DELETE, servePeer as GET, servePeer as PATCH, servePeer as POST, servePeer as PUT };
