import { z } from "zod";
import { ApiToken, CreateApiTokenInput } from "@/lib/engine/accounts/schemas";
import { PageInput, page } from "@/lib/engine/schemas";
import { ById, everyone, Nothing, row } from "./row";

export const accountsContract = {
  listApiTokens: row({
    method: "GET",
    path: "/tokens",
    summary: "Your bearer tokens.",
    area: "people",
    roles: everyone,
    reach: "own",
    input: PageInput,
    output: page(ApiToken),
  }),
  createApiToken: row({
    method: "POST",
    path: "/tokens",
    summary: "Make a bearer token; it is shown once.",
    area: "people",
    roles: everyone,
    reach: "own",
    input: CreateApiTokenInput,
    output: ApiToken.extend({ token: z.string() }),
  }),
  deleteApiToken: row({
    method: "DELETE",
    path: "/tokens/{id}",
    summary: "Revoke a token at once.",
    area: "people",
    roles: everyone,
    reach: "own",
    input: ById,
    output: Nothing,
  }),
} as const;
