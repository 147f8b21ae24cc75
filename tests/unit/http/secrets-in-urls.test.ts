import { describe, expect, it } from "vitest";
import { z } from "zod";
import { adminContract } from "@/lib/admin/contract";
import type { Row } from "@/lib/http/row";
import { operations } from "@/lib/peer/operations";
import { dialects } from "@/lib/vendors";

/** Addresses stand in histories, logs and proxies. An id of a token is none, nor a yes or no. */
const SECRET = /passw|passphrase|secret|token|credential|^code$|^pin$/i;
const isSecret = (name: string) => SECRET.test(name) && !/Id$|_id$|^use[A-Z]/.test(name);

const partsOf = (path: string) => [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
const namesOf = (schema: z.ZodType): string[] => {
  const json = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as { properties?: object };
  return Object.keys(json.properties ?? {});
};

describe("no secret stands in an address", () => {
  it("of the native API: not in a path, not in the query of what has no body", () => {
    const rows: [string, Row][] = Object.entries(adminContract);
    const found = rows.flatMap(([name, { method, path, input }]) => {
      const inQuery = method === "GET" || method === "DELETE" ? namesOf(input) : [];
      return [...partsOf(path), ...inQuery].filter(isSecret).map((part) => `${name}: ${part}`);
    });
    expect(rows.length).toBeGreaterThan(100);
    expect(found).toEqual([]);
  });

  it("of the peer protocol, nor of the other products' APIs as this core speaks them", () => {
    const peer = operations.flatMap(({ name, path, method, input }) => {
      const inQuery = method === "GET" || method === "DELETE" ? namesOf(input) : partsOf(path.split("?")[1] ?? "");
      return [...partsOf(path), ...inQuery].filter(isSecret).map((part) => `${name}: ${part}`);
    });
    const vendors = dialects.flatMap(({ door, rows }) =>
      rows.flatMap(({ name, path, method, input }) => {
        const inQuery = method === "GET" ? namesOf(input) : [];
        return [...partsOf(path), ...inQuery].filter(isSecret).map((part) => `${door} ${name}: ${part}`);
      }),
    );
    expect([...peer, ...vendors]).toEqual([]);
  });
});
