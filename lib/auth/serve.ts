import "server-only";
import NextAuth from "next-auth";
import { authOptions } from "./options";
import { isFromElsewhere } from "./same-origin";

interface Context {
  params: Promise<{ nextauth: string[] }>;
}

/** next-auth's own addresses. What changes something there has its token against forged requests; a page of another origin does not even reach it. */
export async function serveAuth(request: Request, context: Context): Promise<Response> {
  if (request.method !== "GET" && isFromElsewhere(request))
    return Response.json({ message: "This request comes from a page of another site." }, { status: 403 });
  // The options are made per request: they need the database, which is not there when the application is built.
  return NextAuth(authOptions(request.headers))(request, context);
}
