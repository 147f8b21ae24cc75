import NextAuth from "next-auth";
import { authOptions } from "@/lib/auth/options";

interface Context {
  params: Promise<{ nextauth: string[] }>;
}

// The options are made per request: they need the database, which is not there when the application is built.
const handler = (request: Request, context: Context) => NextAuth(authOptions(request.headers))(request, context);

export { handler as GET, handler as POST };
