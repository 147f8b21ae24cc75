import "server-only";
import { findAccessKey } from "@/lib/engine/access-keys";
import type { EngineContext } from "@/lib/engine/context";
import { findVendorSignIn } from "@/lib/engine/vendor-sign-ins";
import { TwincoreError } from "@/lib/errors";
import { readText } from "@/lib/http/body";
import { BODY_BYTES_MAX } from "../body";
import type { VendorCall, VendorCaller } from "../row";
import { isSigned, readSignature } from "./signature";
import { CbrId } from "./values";

type Call = Omit<VendorCall, "caller">;

/** X-Auth-Token, else a signed request. Throws unauthenticated for one that is wrong. */
export async function authenticate(system: EngineContext, call: Call): Promise<VendorCaller | null> {
  const { headers } = call.request;
  const token = headers.get("x-auth-token");
  if (token) return byToken(system, token);
  const authorization = headers.get("authorization");
  return authorization === null ? null : bySignature(system, call, authorization);
}

async function byToken(system: EngineContext, token: string): Promise<VendorCaller> {
  const found = token.length > 1024 ? null : await findVendorSignIn(system, { door: "cbr", token });
  if (!found)
    throw new TwincoreError(
      "unauthenticated",
      "Incorrect IAM authentication information: token expires or is unknown.",
    );
  return { account: found.account, credential: found.credential, signInId: found.id, scope: found.scope };
}

async function bySignature(system: EngineContext, call: Call, authorization: string): Promise<VendorCaller> {
  const given = readSignature(authorization);
  const key = given && (await findAccessKey(system, { id: given.accessKey }));
  if (!given || !key || !(await holds(system, call, given, key.secret)))
    throw new TwincoreError("unauthenticated", "Incorrect IAM authentication information: verify aksk signature fail.");
  const project = CbrId.safeParse(call.request.headers.get("x-project-id") ?? "");
  return {
    account: key.account,
    credential: key.credential,
    signInId: null,
    scope: project.success ? project.data : null,
  };
}

async function holds(
  system: EngineContext,
  { request, path }: Call,
  given: Parameters<typeof isSigned>[1],
  secret: string,
): Promise<boolean> {
  // The row reads the body again: this is a copy of it, as bounded as the row's own.
  const body = Buffer.from(await readText(request.clone(), BODY_BYTES_MAX), "utf8");
  const signed = {
    method: request.method,
    path,
    query: new URL(request.url).search.slice(1),
    headers: (name: string) =>
      name === "host"
        ? (request.headers.get("x-forwarded-host") ?? request.headers.get("host"))
        : request.headers.get(name),
    body,
  };
  return isSigned(signed, given, secret, system.now());
}
