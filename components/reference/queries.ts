import { queryOptions } from "@tanstack/react-query";
import { z } from "zod";
import { callAdmin } from "@/lib/admin/call";
import { row } from "@/lib/http/row";
import type { SurfaceName } from "./surfaces";

/** The part of JSON Schema that the page shows. */
export interface SchemaNode {
  type?: string | string[];
  format?: string;
  enum?: (string | number)[];
  const?: string | number | boolean;
  properties?: Record<string, SchemaNode>;
  required?: string[];
  items?: SchemaNode;
  anyOf?: SchemaNode[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  maxItems?: number;
}
const Schema = z.custom<SchemaNode>((value) => typeof value === "object" && value !== null);
const Content = z.record(z.string(), z.object({ schema: Schema }));

const Operation = z.object({
  operationId: z.string(),
  summary: z.string(),
  tags: z.array(z.string()),
  parameters: z
    .array(z.object({ name: z.string(), in: z.string(), required: z.boolean().default(false), schema: Schema }))
    .default([]),
  requestBody: z.object({ content: Content }).optional(),
  /** One each: that of success. */
  responses: z.record(z.string(), z.object({ content: Content.optional() })),
  "x-access": z.string(),
  "x-aliases": z.array(z.string()).default([]),
  "x-xml-roots": z.object({ body: z.array(z.string()), answer: z.string().optional() }).optional(),
});
export type Operation = z.infer<typeof Operation>;

const OpenApi = z.object({
  info: z.object({ title: z.string(), description: z.string(), version: z.string() }),
  servers: z.array(z.object({ url: z.string() })).min(1),
  paths: z.record(z.string(), z.record(z.string(), Operation)),
});
export type OpenApi = z.infer<typeof OpenApi>;

const getOpenApi = row({
  method: "GET",
  path: "/openapi/{surface}",
  summary: "An API as an OpenAPI 3.1 document.",
  area: "core",
  roles: ["administrator", "approver", "engineer", "billing", "reader"],
  reach: "own",
  input: z.object({ surface: z.string() }),
  output: OpenApi,
});

export const openApiQuery = (surface: SurfaceName) =>
  queryOptions({
    queryKey: ["openapi", surface],
    queryFn: ({ signal }) => callAdmin(getOpenApi, { surface }, signal),
    // It changes with the program only.
    staleTime: Number.POSITIVE_INFINITY,
  });
