import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { AnyOperation } from "@/lib/peer/operation";
import { operations } from "@/lib/peer/operations";
import { shapeOf } from "@/lib/peer/xml/shape";

/** What of a schema this test looks at; all of zod's classes have it. */
interface Node {
  readonly path: string;
  readonly schema: z.ZodType;
  readonly type: string;
  readonly checks: readonly string[];
  readonly isFormat: boolean;
}

interface Def {
  readonly type: string;
  readonly format?: string;
  readonly shape?: Record<string, z.ZodType>;
  readonly element?: z.ZodType;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly out?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly checks?: readonly { readonly _zod: { readonly def: { readonly check: string } } }[];
}

/** Every schema inside a schema, with the way to it. */
function* nodesOf(schema: z.ZodType, path: string): Generator<Node> {
  const def = schema.def as Def;
  const checks = (def.checks ?? []).map((check) => check._zod.def.check);
  yield { path, schema, type: def.type, checks, isFormat: def.format !== undefined };
  for (const [name, member] of Object.entries(def.shape ?? {})) yield* nodesOf(member, `${path}.${name}`);
  if (def.element) yield* nodesOf(def.element, `${path}[]`);
  if (def.innerType) yield* nodesOf(def.innerType, path);
  // A boolean in an address is one of some words.
  if (def.in && (def.out?.def as Def | undefined)?.type !== "boolean") yield* nodesOf(def.in, path);
  for (const option of def.options ?? []) yield* nodesOf(option, path);
}

const inputNodes = (row: AnyOperation) => [...nodesOf(row.input, "input")];
const paths = (nodes: readonly Node[]) => nodes.map(({ path }) => path);

/** Operations that are void in the contract and tell cores that speak JSON more: their answer in XML is empty. */
const VOID_IN_XML: ReadonlySet<string> = new Set([
  "VerifyReplicationAbility",
  "VerifyAddAgentsByDemand",
  "VerifyAddAgentsByRequest",
]);

describe.each(operations.map((row) => [row.name, row] as const))("%s", (_, row) => {
  it("bounds every list and text that it reads", () => {
    const lists = inputNodes(row).filter(({ type, checks }) => type === "array" && !isBounded(checks));
    expect(paths(lists)).toEqual([]);
    const isOpen = ({ type, checks, isFormat }: Node) => type === "string" && !isFormat && !isBounded(checks);
    expect(paths(inputNodes(row).filter(isOpen))).toEqual([]);
  });

  it("has a form in XML, with a name for the items of every list of objects", () => {
    shapeOf(row.input);
    if (row.output !== null && row.answer === "json") shapeOf(row.output as z.ZodType);
  });

  it("names the roots of its bodies", () => {
    if (row.body === "json") expect(row.inputRoots ?? []).not.toEqual([]);
    else expect(row.inputRoots).toBeUndefined();
    if (row.answer === "json" && !VOID_IN_XML.has(row.name)) expect(row.xmlRoot).toBeTypeOf("string");
    else expect(row.xmlRoot).toBeUndefined();
  });
});

/** A length, or a pattern that allows only so much. */
function isBounded(checks: readonly string[]): boolean {
  return ["max_length", "length_equals", "max_size", "string_format"].some((check) => checks.includes(check));
}

describe("the test itself", () => {
  it("finds a list and a text without bounds wherever they are", () => {
    const schema = z.object({
      a: z.array(z.object({ b: z.string() })).default([]),
      c: z.array(z.uuid()).max(3).nullable(),
      d: z.string().max(5).optional(),
      e: z.string().regex(/^x$/),
    });
    const open = [...nodesOf(schema, "input")].filter(
      ({ type, checks, isFormat }) => (type === "array" || (type === "string" && !isFormat)) && !isBounded(checks),
    );
    expect(paths(open)).toEqual(["input.a", "input.a[].b"]);
  });
});
