import { z } from "zod";
import { everyone, vendorRow } from "../../row";
import { BASE } from "./reading";

const LoginSession = z.object({
  id: z.string(),
  user: z.string(),
  role_ids: z.array(z.string()),
  idle_timeout: z.number().int(),
  is_password_change_required: z.boolean(),
  is_built_in_user: z.boolean(),
});

export const loginRows = [
  vendorRow({
    name: "list_login_session",
    method: "GET",
    path: `${BASE}/login_session`,
    summary: "Signs in by HTTP Basic: answers the cookie auth_cookie and the header DELL-EMC-TOKEN.",
    // The handler signs in; there is nobody to admit before.
    roles: "anyone",
    input: z.object({}),
    output: z.array(LoginSession),
    status: 200,
    handler: async () => (await import("../handlers/login")).logIn,
  }),
  vendorRow({
    name: "logout",
    reach: "own",
    needs: "read",
    method: "POST",
    path: `${BASE}/logout`,
    summary: "Ends the sign-in of the cookie.",
    roles: everyone,
    input: z.object({}),
    output: null,
    status: 204,
    handler: async () => (await import("../handlers/login")).logOut,
  }),
];
