import { z } from "zod";
import type { AnyVendorRow } from "@/lib/vendors/row";
import type { DescribedOperation } from "./document";

/** A row of another vendor's API as the reference shows it. */
export function vendorOperation(row: AnyVendorRow): DescribedOperation {
  const { query, body } = partsOf(row);
  const names = Object.keys(query);
  return {
    name: row.name,
    group: groupOf(row.path),
    method: row.method,
    path: names.length > 0 ? `${row.path}?${names.map((name) => `{${name}}`).join("&")}` : row.path,
    aliases: [],
    summary: row.summary,
    access: row.roles === "anyone" ? "Anyone" : row.roles.join(", "),
    input: z.object({ ...pathOf(row), ...query, ...body }),
    body: Object.keys(body).length > 0 ? "json" : "none",
    output: row.output,
    answer: row.output === null ? "none" : "json",
    status: row.status,
  };
}

type Shape = Record<string, z.ZodType>;

/** Doors hand a row its query and body together, or apart under these names. */
function partsOf(row: AnyVendorRow): { query: Shape; body: Shape } {
  const { query, body, ...rest } = shapeOf(row.input);
  const inPath = new Set(partNames(row));
  const others = Object.fromEntries(Object.entries(rest).filter(([name]) => !inPath.has(name)));
  if (query || body) return { query: shapeOf(query), body: shapeOf(body) };
  return row.method === "GET" || row.method === "DELETE" ? { query: others, body: {} } : { query: {}, body: others };
}

const partNames = ({ path }: AnyVendorRow): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");

function pathOf(row: AnyVendorRow): Shape {
  const shape = shapeOf(row.input);
  return Object.fromEntries(partNames(row).map((name) => [name, shape[name] ?? z.string()]));
}

/** The members of an object, each as a client may send it. */
function shapeOf(schema: z.ZodType | undefined): Shape {
  const inner = plain(schema);
  if (!(inner instanceof z.ZodObject)) return {};
  const shape: Shape = inner.shape;
  return Object.fromEntries(Object.entries(shape).map(([name, member]) => [name, plain(member) ?? member]));
}

/** What is prepared before it is read is described by what is read; what is changed afterwards, by what came. */
function plain(schema: z.ZodType | undefined): z.ZodType | undefined {
  if (!(schema instanceof z.ZodPipe))
    return schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault ? unwrapObject(schema) : schema;
  const { in: before, out: after } = schema;
  const side: unknown = before instanceof z.ZodTransform ? after : before;
  return side instanceof z.ZodType ? plain(side) : schema;
}

/** An object with a default has its members all the same. */
function unwrapObject(schema: z.ZodDefault | z.ZodPrefault): z.ZodType {
  const inner: unknown = schema.unwrap();
  return inner instanceof z.ZodObject ? inner : schema;
}

/** By the noun that the address is about. */
function groupOf(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && !/^(api|rest|v\d+|\{.*\})$/.test(part));
  const noun = (parts[0] ?? "service")
    .replaceAll(/[_-]/g, " ")
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase();
  return noun.charAt(0).toUpperCase() + noun.slice(1);
}
