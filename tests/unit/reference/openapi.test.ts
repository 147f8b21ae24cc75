import { describe, expect, it } from "vitest";
import { adminContract } from "@/lib/admin/contract";
import { operations } from "@/lib/peer/operations";
import { openApiOf } from "@/lib/reference/document";
import { surfaceOf } from "@/lib/reference/surfaces";

type Operation = {
  operationId: string;
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, { schema: Record<string, unknown> }> };
  responses: Record<string, { content?: Record<string, { schema: Record<string, unknown> }> }>;
  "x-access": string;
};
const documentOf = (name: "native" | "peer") => openApiOf(surfaceOf(name, "1.0.0"));
const operationsOf = (name: "native" | "peer") =>
  Object.values(documentOf(name).paths ?? {}).flatMap((methods) => Object.values(methods as Record<string, Operation>));

describe("the reference", () => {
  it("has every row of every table, once", () => {
    expect(
      operationsOf("native")
        .map((each) => each.operationId)
        .sort(),
    ).toEqual(Object.keys(adminContract).sort());
    expect(
      operationsOf("peer")
        .map((each) => each.operationId)
        .sort(),
    ).toEqual([...new Set(operations.map((row) => row.name))].sort());
  });

  it("says of each operation who may call it", () => {
    for (const each of [...operationsOf("native"), ...operationsOf("peer")]) expect(each["x-access"]).toMatch(/\w/);
  });

  it("tells the address from the body: what is in the path is not in the body", () => {
    for (const [path, methods] of Object.entries(documentOf("peer").paths ?? {}))
      for (const { parameters = [], requestBody } of Object.values(methods as Record<string, Operation>)) {
        const names = [...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1]);
        expect(
          parameters
            .filter((each) => each.in === "path")
            .map((each) => each.name)
            .sort(),
        ).toEqual(names.sort());
        const members = Object.keys(requestBody?.content["application/json"]?.schema.properties ?? {});
        expect(members.filter((name) => names.includes(name))).toEqual([]);
      }
  });

  it("says the XML of lists in OpenAPI's own words, and nothing in ours", () => {
    expect(JSON.stringify(documentOf("peer"))).not.toMatch(/"xml(Item|Bare|Name|Namespace|Type|Text)"/);
  });
});
