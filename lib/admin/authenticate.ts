import "server-only";
import { accountFromRequest } from "@/lib/auth/session";
import { engineContext } from "@/lib/context";
import { authenticateApiToken, type Identified, toActor } from "@/lib/engine/accounts";
import type { Me, Role } from "@/lib/engine/accounts/schemas";
import type { EngineContext } from "@/lib/engine/context";
import { TwincoreError } from "@/lib/errors";
import { assertReach, assertSecondFactor } from "@/lib/http/reach";
import type { Row } from "@/lib/http/row";
import { assertScope } from "@/lib/http/scope";

export interface Caller {
  readonly ctx: EngineContext;
  readonly account: Me;
}

/** What of a row decides who may call it. */
export type Rights = Pick<Row, "method" | "area" | "reach" | "isOpenBeforeSecondFactor"> & {
  readonly roles: readonly Role[];
};

/** Who calls the native API: a bearer token, else the browser's sign-in. Throws unauthenticated or forbidden. */
export async function authenticate(request: Request, requestId: string, rights: Rights): Promise<Caller> {
  const address = addressOf(request);
  const found = await findAccount(request, { requestId, address });
  if (!found) throw new TwincoreError("unauthenticated", "Sign in, or send a bearer token.");
  const { account } = found;
  const { roles, reach } = rights;
  if (!roles.includes(account.role))
    throw new TwincoreError(
      "forbidden",
      `Your role, ${account.role}, may not do this. It takes ${roles.join(" or ")}.`,
    );
  assertScope(rights, found.credential);
  assertReach(reach, account.tenantIds);
  assertSecondFactor(found.mustEnrol === true, rights.isOpenBeforeSecondFactor);
  return { ctx: engineContext(toActor(found), { requestId, address, reach }), account };
}

/** Where a request comes from, as our own listener has stamped it. */
export const addressOf = (request: Request): string => request.headers.get("x-twincore-client-address") ?? "unknown";

async function findAccount(
  request: Request,
  origin: { requestId: string; address: string },
): Promise<(Identified & { mustEnrol?: boolean }) | null> {
  const authorization = request.headers.get("authorization");
  if (authorization === null) {
    assertSameOrigin(request);
    return accountFromRequest(request);
  }
  const token = /^Bearer\s+(\S{1,200})$/i.exec(authorization)?.[1];
  if (!token) throw new TwincoreError("unauthenticated", "The authorization header must be «Bearer <token>».");
  return authenticateApiToken(engineContext({ kind: "system" }, origin), { token });
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
