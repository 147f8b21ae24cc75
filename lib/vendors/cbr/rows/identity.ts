import { z } from "zod";
import { everyone, vendorRow } from "../../row";
import { CreateTokenInput, TokenOutput } from "../schemas/identity";

const Version = z.looseObject({ id: z.string(), status: z.string() });

export const identityRows = [
  vendorRow({
    name: "createToken",
    method: "POST",
    path: "/v3/auth/tokens",
    summary:
      "Gives out a token for a name and a password, or for another token; the header X-Subject-Token of the answer has it.",
    roles: "anyone",
    input: CreateTokenInput,
    output: TokenOutput,
    status: 201,
    handler: async () => (await import("../handlers/identity")).createToken,
  }),
  vendorRow({
    name: "deleteToken",
    reach: "own",
    needs: "read",
    method: "DELETE",
    path: "/v3/auth/tokens",
    summary: "Ends the token that the header X-Subject-Token names.",
    roles: everyone,
    input: z.object({}),
    output: null,
    status: 204,
    handler: async () => (await import("../handlers/identity")).deleteToken,
  }),
  vendorRow({
    name: "listVersions",
    method: "GET",
    path: "/",
    summary: "The versions of this API.",
    roles: "anyone",
    input: z.object({}),
    output: z.object({ versions: z.array(Version) }),
    status: 300,
    handler: async () => (await import("../handlers/identity")).listVersions,
  }),
  vendorRow({
    name: "getVersion",
    method: "GET",
    path: "/v3",
    summary: "One version of this API.",
    roles: "anyone",
    input: z.object({}),
    output: z.object({ version: Version }),
    status: 200,
    handler: async () => (await import("../handlers/identity")).getVersion,
  }),
];
