import { ListSystemsInput, SystemPage } from "@/lib/engine/systems/schemas";
import { everyone, row } from "./row";

export const systemsContract = {
  listSystems: row({
    method: "GET",
    path: "/systems",
    summary: "The cores that this one knows: itself, its sources, its targets.",
    area: "pairing",
    roles: everyone,
    reach: "tenant",
    input: ListSystemsInput,
    output: SystemPage,
  }),
} as const;
