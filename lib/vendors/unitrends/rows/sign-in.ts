import { z } from "zod";
import { everyone, vendorRow } from "../../row";
import { Text } from "../input";
import { Done } from "../output";

export const signInRows = [
  vendorRow({
    name: "login",
    method: "POST",
    path: "/api/login",
    summary: "Sign in; the token goes into the header AuthToken of every other call.",
    roles: "anyone",
    input: z.object({ username: Text(254).pipe(z.string().min(1)), password: Text(1_024).pipe(z.string().min(1)) }),
    output: z.object({ auth_token: z.string(), username: z.string(), superuser: z.boolean(), expires: z.string() }),
    status: 201,
    handler: async () => (await import("../handlers/sign-in")).login,
  }),
  vendorRow({
    name: "logout",
    reach: "own",
    needs: "read",
    method: "POST",
    path: "/api/logout",
    summary: "End the sign-in of the token.",
    roles: everyone,
    input: z.object({}),
    output: Done,
    status: 201,
    handler: async () => (await import("../handlers/sign-in")).logout,
  }),
] as const;
