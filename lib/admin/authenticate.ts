import "server-only";
import { accountFromRequest } from "@/lib/auth/session";
import { engineContext } from "@/lib/context";
import { authenticateApiToken } from "@/lib/engine/accounts";
import type { Role } from "@/lib/engine/accounts/schemas";
import type { EngineContext } from "@/lib/engine/context";
import { TwincoreError } from "@/lib/errors";

export interface Caller {
  readonly ctx: EngineContext;
  readonly account: { accountId: string; name: string; email: string; role: Role };
}

/** Who calls the native API: a bearer token, else the browser's sign-in. Throws unauthenticated or forbidden. */
export async function authenticate(request: Request, requestId: string, roles: readonly Role[]): Promise<Caller> {
  const account = await findAccount(request, requestId);
  if (!account) throw new TwincoreError("unauthenticated", "Sign in, or send a bearer token.");
  if (!roles.includes(account.role))
    throw new TwincoreError(
      "forbidden",
      `Your role, ${account.role}, may not do this. It takes ${roles.join(" or ")}.`,
    );
  const actor = { kind: "account", accountId: account.accountId, name: account.email, role: account.role } as const;
  return { ctx: engineContext(actor, requestId), account };
}

async function findAccount(request: Request, requestId: string) {
  const authorization = request.headers.get("authorization");
  if (authorization === null) {
    assertSameOrigin(request);
    return accountFromRequest(request);
  }
  const token = /^Bearer\s+(\S{1,200})$/i.exec(authorization)?.[1];
  if (!token) throw new TwincoreError("unauthenticated", "The authorization header must be «Bearer <token>».");
  return authenticateApiToken(engineContext({ kind: "system" }, requestId), { token });
}

/** A page of another site may make the browser send the cookie; what it asks for must not happen. */
function assertSameOrigin(request: Request): void {
  if (request.headers.get("sec-fetch-site") === "cross-site" || !originIsOurs(request))
    throw new TwincoreError("forbidden", "This request comes from a page of another site.");
}

function originIsOurs(request: Request): boolean {
  const origin = request.headers.get("origin");
  if (origin === null) return request.method === "GET" || request.method === "HEAD" || !request.headers.has("cookie");
  return URL.canParse(origin) && new URL(origin).host === request.headers.get("host");
}
