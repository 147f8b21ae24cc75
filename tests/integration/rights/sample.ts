import { z } from "zod";

/** What JSON Schema says of a value, as far as samples need it. */
interface Shape {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly allOf?: readonly Shape[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly format?: string;
  readonly pattern?: string;
}

/** Something that a schema probably takes: what it requires and no more; `id` wherever an id is wanted. */
export function sampleOf(schema: z.ZodType, id: string): unknown {
  return from(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Shape, id);
}

function from(shape: Shape, id: string): unknown {
  if (shape.const !== undefined) return shape.const;
  if (shape.enum) return shape.enum[0];
  const either = shape.anyOf ?? shape.oneOf;
  if (either?.[0]) return from(either[0], id);
  if (shape.allOf) return Object.assign({}, ...shape.allOf.map((part) => from(part, id)));
  switch (shape.type) {
    case "object":
      return Object.fromEntries((shape.required ?? []).map((key) => [key, from(shape.properties?.[key] ?? {}, id)]));
    case "array":
      return Array.from({ length: shape.minItems ?? 0 }, () => from(shape.items ?? {}, id));
    case "integer":
    case "number":
      return shape.minimum ?? (shape.exclusiveMinimum === undefined ? 1 : shape.exclusiveMinimum + 1);
    case "boolean":
      return true;
    case "string":
      return textOf(shape, id);
    default:
      return null;
  }
}

function textOf({ format, pattern, minLength }: Shape, id: string): string {
  if (format === "uuid" || format === "guid" || /8\}-/.test(pattern ?? "")) return id;
  if (format === "email") return "somebody@example.com";
  if (format === "date") return "2026-10-01";
  if (format === "date-time") return "2026-10-01T00:00:00Z";
  if (format === "uri") return "https://192.0.2.1:8006";
  if (/20\\d\{2\}/.test(pattern ?? "")) return "2026-10";
  return "x".repeat(Math.max(1, minLength ?? 1));
}
