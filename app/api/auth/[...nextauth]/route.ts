import { serveAuth } from "@/lib/auth/serve";

export { serveAuth as GET, serveAuth as POST };
