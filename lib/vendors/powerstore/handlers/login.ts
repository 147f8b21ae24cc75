import type { Me } from "@/lib/engine/accounts/schemas";
import type { EngineContext } from "@/lib/engine/context";
import { endVendorSignIn, openVendorSignIn } from "@/lib/engine/vendor-sign-ins";
import { TwincoreError } from "@/lib/errors";
import type { VendorCall } from "../../row";
import { authenticate, basicOf, COOKIE, cookieOf } from "../authenticate";

const IDLE_SECONDS = 3_600;
/** However busy: by tomorrow the client has shown its password again. */
const LIFE_SECONDS = 24 * 3_600;

/** Numbers that this API gives its built-in roles: Administrator, Storage Administrator, Operator. */
const ROLE_IDS = { administrator: "1", engineer: "2", approver: "3", billing: "3", reader: "3" } as const;

/** With name and password a new sign-in; with the cookie of one, that one as it is. Throws unauthenticated. */
export async function logIn(ctx: EngineContext, _: unknown, call: VendorCall) {
  const basic = basicOf(call.request);
  if (!basic) return { body: [await describeSignIn(ctx, call)] };
  const opened = await openVendorSignIn(ctx, {
    door: "powerstore",
    ...basic,
    address: call.address,
    lifeSeconds: LIFE_SECONDS,
    idleSeconds: IDLE_SECONDS,
    second: "paired",
  });
  return {
    body: [toLoginSession(opened.id, opened.account)],
    headers: {
      "set-cookie": `${COOKIE}=${opened.token}; Path=/; Secure; HttpOnly; SameSite=Strict`,
      "DELL-EMC-TOKEN": opened.second ?? "",
    },
  };
}

async function describeSignIn(ctx: EngineContext, call: VendorCall) {
  const caller = await authenticate(ctx, call);
  if (!caller) throw new TwincoreError("unauthenticated", "Sign in with HTTP Basic.");
  return toLoginSession(caller.signInId ?? caller.account.accountId, caller.account);
}

const toLoginSession = (id: string, { email, role }: Me) => ({
  id,
  user: email,
  role_ids: [ROLE_IDS[role]],
  idle_timeout: IDLE_SECONDS,
  is_password_change_required: false,
  is_built_in_user: false,
});

/** Ends the sign-in of the cookie; who came by name and password alone has none to end. */
export async function logOut(ctx: EngineContext, _: unknown, { request }: VendorCall) {
  const token = cookieOf(request);
  if (token !== null) await endVendorSignIn(ctx, { door: "powerstore", token });
  return {
    headers: { "set-cookie": `${COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0` },
  };
}
