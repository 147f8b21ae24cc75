import type { z } from "zod";

/** What a schema of the table says about its XML, by `.meta({ … })`. */
interface XmlMeta {
  /** Element name of one item of an array. */
  readonly xmlItem?: string;
  /** The items stand in the parent element itself, without one around them. */
  readonly xmlBare?: boolean;
  /** Element name where it is not the member's. */
  readonly xmlName?: string;
  /** Namespace of an object's members. */
  readonly xmlNamespace?: string;
  readonly xmlType?: "duration" | "flags";
  /** In XML this member is the text of the element that holds it. */
  readonly xmlText?: boolean;
}

export type Leaf = "text" | "guid" | "int" | "boolean" | "dateTime" | "duration" | "flags";

export interface Member {
  readonly key: string;
  readonly name: string;
  readonly shape: Shape;
  readonly isText: boolean;
}

/** The XML form of a schema, in the conventions of DataContract. */
export type Shape =
  | { readonly kind: "leaf"; readonly leaf: Leaf; readonly nullable: boolean }
  | {
      readonly kind: "list";
      readonly item: Shape;
      readonly itemName: string;
      readonly primitive: boolean;
      readonly bare: boolean;
      readonly nullable: boolean;
    }
  | {
      readonly kind: "object";
      readonly members: readonly Member[];
      readonly namespace?: string;
      readonly nullable: boolean;
    };

const shapes = new WeakMap<object, Shape>();

/** The XML form of a schema; worked out once. Throws for what DataContract has no form for: that is a mistake in a row. */
export function shapeOf(schema: z.ZodType): Shape {
  const known = shapes.get(schema);
  if (known) return known;
  const made = toShape(schema);
  shapes.set(schema, made);
  return made;
}

function toShape(schema: z.ZodType): Shape {
  const { inner, nullable, meta } = unwrap(schema);
  const { def } = inner;
  if (meta.xmlType) return { kind: "leaf", leaf: meta.xmlType, nullable };
  switch (def.type) {
    case "object":
      return { kind: "object", members: membersOf(def.shape ?? {}), namespace: meta.xmlNamespace, nullable };
    case "array":
      return { kind: "list", ...itemOf(def.element as z.ZodType, meta), nullable };
    default:
      return { kind: "leaf", leaf: leafOf(inner, def), nullable };
  }
}

/** Members in the order of DataContract: by name, capital letters first. */
function membersOf(shape: Record<string, z.ZodType>): Member[] {
  return Object.entries(shape)
    .map(([key, schema]) => {
      const { meta } = unwrap(schema);
      return { key, name: meta.xmlName ?? key, shape: shapeOf(schema), isText: meta.xmlText === true };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function itemOf(element: z.ZodType, meta: XmlMeta) {
  const item = shapeOf(element);
  const primitive = item.kind === "leaf" && meta.xmlItem === undefined;
  const primitiveName = item.kind === "leaf" && item.leaf !== "text" ? item.leaf : "string";
  if (!primitive && !meta.xmlItem) throw new Error("An array in the contract has no xmlItem.");
  return { item, primitive, itemName: meta.xmlItem ?? primitiveName, bare: meta.xmlBare === true };
}

interface Def {
  readonly type: string;
  readonly shape?: Record<string, z.ZodType>;
  readonly element?: unknown;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly out?: z.ZodType;
  readonly format?: string;
  readonly options?: readonly z.ZodType[];
}

type Inner = z.ZodType & { readonly def: Def; readonly format?: string | null };

/** The schema below optional, nullable and default, with what all of them say. */
function unwrap(schema: z.ZodType): { inner: Inner; nullable: boolean; meta: XmlMeta } {
  let inner = schema as Inner;
  let nullable = false;
  let meta = xmlMeta(inner);
  for (;;) {
    const next = inner.def.innerType ?? (inner.def.type === "pipe" ? inner.def.in : undefined);
    if (!next) return { inner, nullable, meta };
    nullable ||= inner.def.type === "nullable";
    inner = next as Inner;
    meta = { ...xmlMeta(inner), ...meta };
  }
}

const xmlMeta = (schema: z.ZodType): XmlMeta => (schema.meta() ?? {}) as XmlMeta;

function leafOf(inner: Inner, def: Def): Leaf {
  switch (def.type) {
    case "number":
      return "int";
    case "boolean":
      return "boolean";
    case "string":
      return inner.format === "uuid" || inner.format === "guid"
        ? "guid"
        : inner.format === "datetime"
          ? "dateTime"
          : "text";
    case "enum":
    case "literal":
      return "text";
    case "union":
      // Several rules for one text, as "an address or nothing".
      if (def.options?.every((option) => shapeOf(option).kind === "leaf")) return "text";
  }
  throw new Error(`The contract has no XML for a schema of type ${def.type}.`);
}
