import "server-only";
import { assertSameOrigin } from "@/lib/auth/same-origin";
import { accountFromRequest } from "@/lib/auth/session";
import { engineContext } from "@/lib/context";
import { authenticateApiToken, type Identified, toActor } from "@/lib/engine/accounts";
import type { Me, Role } from "@/lib/engine/accounts/schemas";
import { refused } from "@/lib/engine/audit";
import type { Credential, EngineContext } from "@/lib/engine/context";
import { TwincoreError } from "@/lib/errors";
import { assertReach, assertSecondFactor } from "@/lib/http/reach";
import type { Row } from "@/lib/http/row";
import { assertScope } from "@/lib/http/scope";

export interface Caller {
  readonly ctx: EngineContext;
  readonly account: Me;
  readonly credential: Credential;
  /** It has still to set up the second factor that this core asks for. */
  readonly mustEnrol: boolean;
}

/** What of a row decides who may call it. */
export type Rights = Pick<Row, "method" | "area" | "reach" | "isOpenBeforeSecondFactor"> & {
  readonly roles: readonly Role[];
};

/** Who calls the native API: a bearer token, else the browser's sign-in. Throws unauthenticated or forbidden. */
export async function authenticate(request: Request, requestId: string, rights: Rights): Promise<Caller> {
  const caller = await identify(request, requestId, rights);
  assertRights(caller, rights);
  return caller;
}

/** Who calls, whatever they may. Throws unauthenticated, and forbidden for a request that a page of another site made. */
export async function identify(request: Request, requestId: string, { reach }: Pick<Rights, "reach">): Promise<Caller> {
  const found = await findAccount(request, requestId);
  if (!found) throw new TwincoreError("unauthenticated", "Sign in, or send a bearer token.");
  const ctx = engineContext(toActor(found), { ...originOf(request, requestId), reach });
  return { ctx, account: found.account, credential: found.credential, mustEnrol: found.mustEnrol === true };
}

/** Throws forbidden when a caller may not call a row. */
export function assertRights({ account, credential, mustEnrol }: Caller, rights: Rights): void {
  const { roles, reach } = rights;
  if (!roles.includes(account.role))
    throw new TwincoreError(
      "forbidden",
      `Your role, ${account.role}, may not do this. It takes ${roles.join(" or ")}.`,
    );
  assertScope(rights, credential);
  assertReach(reach, account.tenantIds);
  assertSecondFactor(mustEnrol, rights.isOpenBeforeSecondFactor);
}

/** What is known of a request beside who sent it. */
export function originOf(request: Request, requestId: string) {
  const address = request.headers.get("x-twincore-client-address") ?? "unknown";
  return { requestId, address, door: request.headers.has("authorization") ? "api" : "browser" };
}

async function findAccount(
  request: Request,
  requestId: string,
): Promise<(Identified & { mustEnrol?: boolean }) | null> {
  const authorization = request.headers.get("authorization");
  if (authorization === null) {
    assertSameOrigin(request);
    return accountFromRequest(request);
  }
  const token = /^Bearer\s+(\S{1,200})$/i.exec(authorization)?.[1];
  if (!token) throw new TwincoreError("unauthenticated", "The authorization header must be «Bearer <token>».");
  const ctx = engineContext({ kind: "system" }, originOf(request, requestId));
  const found = await authenticateApiToken(ctx, { token });
  if (found) return found;
  const unknown = new TwincoreError("unauthenticated", "This token is unknown, was revoked, or is too old.");
  throw await refused(ctx, unknown, { action: "token.use", subject: "", isNobody: true });
}
