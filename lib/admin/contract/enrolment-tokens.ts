import { z } from "zod";
import { CreateEnrolmentTokenInput, EnrolmentToken } from "@/lib/engine/enrolment-tokens/schemas";
import { PageInput, page } from "@/lib/engine/schemas";
import { administrators, ById, row } from "./row";

export const enrolmentTokensContract = {
  listEnrolmentTokens: row({
    method: "GET",
    path: "/enrolment-tokens",
    summary: "One-time tokens with which cores pair at once, and what became of them.",
    area: "pairing",
    roles: administrators,
    input: PageInput,
    output: page(EnrolmentToken),
  }),
  createEnrolmentToken: row({
    method: "POST",
    path: "/enrolment-tokens",
    summary: "Make a token; it is shown this once.",
    area: "pairing",
    roles: administrators,
    input: CreateEnrolmentTokenInput,
    output: EnrolmentToken.extend({ token: z.string() }),
  }),
  revokeEnrolmentToken: row({
    method: "DELETE",
    path: "/enrolment-tokens/{id}",
    summary: "End an open token at once.",
    area: "pairing",
    roles: administrators,
    input: ById,
    output: EnrolmentToken,
  }),
} as const;
