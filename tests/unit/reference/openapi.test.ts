import { describe, expect, it } from "vitest";
import { adminContract } from "@/lib/admin/contract";
import { operations } from "@/lib/peer/operations";
import { openApiOf } from "@/lib/reference/document";
import { SURFACES, surfaceOf } from "@/lib/reference/surfaces";
import { dialects } from "@/lib/vendors";

type Operation = {
  operationId: string;
  parameters?: { name: string; in: string }[];
  requestBody?: { content: Record<string, { schema: Record<string, unknown> }> };
  responses: Record<string, { content?: Record<string, { schema: Record<string, unknown> }> }>;
  "x-access": string;
};
const documentOf = (name: (typeof SURFACES)[number]) => openApiOf(surfaceOf(name, "1.0.0"));
const operationsOf = (name: (typeof SURFACES)[number]) =>
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
    for (const each of SURFACES.flatMap(operationsOf)) expect(each["x-access"]).toMatch(/\w/);
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

  it.each(dialects)("has every row of the door of $door, with its status of success", ({ door, rows }) => {
    const told = operationsOf(door).map((each) => [each.operationId, Object.keys(each.responses)]);
    expect(told.sort()).toEqual(rows.map((row) => [row.name, [String(row.status)]]).sort());
  });

  it("describes what clients of a door send as it is read, not as it is prepared", () => {
    const answer = operationsOf("unitrends").find((each) => each.operationId === "answerRequest");
    const body = answer?.requestBody?.content["application/json"]?.schema;
    expect(Object.keys(body?.properties ?? {})).toEqual(["request_id", "accept", "message", "storage_id"]);
    expect(JSON.stringify(body)).toContain('"boolean"');
  });
});
