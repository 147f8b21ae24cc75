import { z } from "zod";
import { type CreateDocumentOptions, createDocument, type ZodOpenApiOperationObject } from "zod-openapi";

/** One operation of any of this core's APIs, as its table says it. */
export interface DescribedOperation {
  readonly name: string;
  readonly group: string;
  readonly method: string;
  /** With `{name}` parts; a query behind `?` declares inputs that travel there although there is a body. */
  readonly path: string;
  readonly aliases: readonly string[];
  readonly summary: string;
  /** Who may call, in words. */
  readonly access: string;
  readonly input: z.ZodType;
  readonly body: "none" | "json" | "stream";
  readonly output: z.ZodType | null;
  readonly answer: "none" | "json" | "stream";
  /** Of success; 200 when absent. */
  readonly status?: number;
  /** Root elements in XML: of the body, of the answer. Absent: JSON only. */
  readonly xml?: { readonly body: readonly string[]; readonly answer?: string };
}

export interface Surface {
  readonly title: string;
  readonly description: string;
  readonly version: string;
  /** What stands before every path. */
  readonly base: string;
  readonly operations: readonly DescribedOperation[];
}

/** A surface as an OpenAPI 3.1 document. `x-access`, `x-aliases` and `x-xml-roots` carry what OpenAPI has no words for. */
export function openApiOf(surface: Surface) {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const row of surface.operations) {
    const path = row.path.split("?")[0] ?? "";
    paths[path] = { ...paths[path], [row.method.toLowerCase()]: operationOf(row) };
  }
  const { title, description, version, base } = surface;
  return createDocument(
    { openapi: "3.1.0", info: { title, description, version }, servers: [{ url: base }], paths },
    OPTIONS,
  );
}

function operationOf(row: DescribedOperation): ZodOpenApiOperationObject {
  const { path, query, body } = partsOf(row);
  const content = (schema: z.ZodType) => ({
    "application/json": { schema },
    ...(row.xml && { "application/xml": { schema } }),
  });
  const bytes = { "application/octet-stream": { schema: z.string().meta({ format: "binary" }) } };
  const answer =
    row.answer === "stream" ? bytes : row.output && row.answer === "json" ? content(row.output) : undefined;
  return {
    operationId: row.name,
    summary: row.summary,
    tags: [row.group],
    requestParams: { path: z.object(path), query: z.object(query) },
    ...(row.body === "json" && { requestBody: { content: content(z.object(body)) } }),
    ...(row.body === "stream" && { requestBody: { content: bytes } }),
    responses: {
      [String(row.status ?? 200)]: {
        description: answer ? "Done." : "Done; the body is empty.",
        ...(answer && { content: answer }),
      },
    },
    "x-access": row.access,
    ...(row.aliases.length > 0 && { "x-aliases": row.aliases }),
    ...(row.xml && { "x-xml-roots": row.xml }),
  };
}

/** Where each member of an input travels: in the path, in the query, or in the body. */
function partsOf(row: DescribedOperation) {
  const shape = row.input instanceof z.ZodObject ? (row.input.shape as Record<string, z.ZodType>) : {};
  const [template = "", declared = ""] = row.path.split("?");
  const namesIn = (text: string) => new Set([...text.matchAll(/\{([\w.-]+)\}/g)].map((found) => found[1]));
  const [inPath, inQuery] = [namesIn(template), namesIn(declared)];
  const path: Record<string, z.ZodType> = {};
  const query: Record<string, z.ZodType> = {};
  const body: Record<string, z.ZodType> = {};
  for (const [name, schema] of Object.entries(shape)) {
    if (inPath.has(name)) path[name] = schema;
    else if (inQuery.has(name) || row.body !== "json") query[name] = schema;
    else body[name] = schema;
  }
  return { path, query, body };
}

/** Our own notes for the XML writer as OpenAPI's `xml`. */
const OPTIONS: CreateDocumentOptions = {
  override: ({ jsonSchema }) => {
    const schema = jsonSchema as Record<string, unknown>;
    const { xmlItem, xmlBare, xmlName, xmlNamespace } = schema;
    for (const key of Object.keys(schema)) if (/^xml[A-Z]/.test(key)) delete schema[key];
    if (xmlName || xmlNamespace || xmlItem)
      schema.xml = {
        ...(xmlName ? { name: xmlName } : {}),
        ...(xmlNamespace ? { namespace: xmlNamespace } : {}),
        ...(xmlItem ? { wrapped: xmlBare !== true } : {}),
      };
    const items = schema.items as Record<string, unknown> | undefined;
    if (xmlItem && items) items.xml = { name: xmlItem };
  },
};
