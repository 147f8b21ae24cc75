import { Me, SetUpInput } from "@/lib/engine/accounts/schemas";
import { CoreSummary, Overview } from "@/lib/engine/core/schemas";
import { everyone, Nothing, row } from "./row";

export const coreContract = {
  getCore: row({
    method: "GET",
    path: "/core",
    summary: "This core: name, version, where peers reach it.",
    area: "core",
    roles: "anyone",
    input: Nothing,
    output: CoreSummary,
  }),
  setUp: row({
    method: "POST",
    path: "/setup",
    summary: "Create the first administrator with the one-time link.",
    area: "core",
    roles: "anyone",
    input: SetUpInput,
    output: Me,
  }),
  getMe: row({
    method: "GET",
    path: "/me",
    summary: "Who is signed in.",
    area: "core",
    roles: everyone,
    reach: "own",
    isOpenBeforeSecondFactor: true,
    input: Nothing,
    output: Me,
  }),
  getOverview: row({
    method: "GET",
    path: "/overview",
    summary: "Counts and storage at a glance.",
    area: "core",
    roles: everyone,
    reach: "tenant",
    input: Nothing,
    output: Overview,
  }),
} as const;
