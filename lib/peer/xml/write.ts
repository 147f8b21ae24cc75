import { XMLBuilder } from "fast-xml-parser";
import type { Leaf, Shape } from "./shape";

/** Namespaces of the contract, as existing clients declare them. */
export const MANAGEMENT_NAMESPACE = "http://apprecovery.com/management/api/2010/05";
const PRIMITIVE_NAMESPACE = "http://schemas.microsoft.com/2003/10/Serialization/";
const ARRAYS_NAMESPACE = "http://schemas.microsoft.com/2003/10/Serialization/Arrays";
const INSTANCE_NAMESPACE = "http://www.w3.org/2001/XMLSchema-instance";
const PRIMITIVE_ROOTS: ReadonlySet<string> = new Set(["guid", "int", "unsignedLong", "string", "boolean"]);

type Node = Record<string, unknown>;

const builder = new XMLBuilder({ preserveOrder: true, ignoreAttributes: false, suppressEmptyNode: true });

/** A value of a schema as a document with this root, members in the order of DataContract. */
export function toXml(root: string, value: unknown, shape: Shape): string {
  const primitive = PRIMITIVE_ROOTS.has(root) && shape.kind === "leaf";
  const attributes: Record<string, string> = primitive
    ? { xmlns: PRIMITIVE_NAMESPACE }
    : { xmlns: MANAGEMENT_NAMESPACE, "xmlns:i": INSTANCE_NAMESPACE };
  const text = builder.build([element(root, value, shape, attributes)]);
  return `<?xml version="1.0" encoding="utf-8"?>${text}`;
}

function element(name: string, value: unknown, shape: Shape, attributes: Record<string, string> = {}): Node {
  if (value === null || value === undefined) return node(name, [], { ...attributes, "i:nil": "true" });
  switch (shape.kind) {
    case "leaf":
      return node(name, [{ "#text": leafText(value, shape.leaf) }], attributes);
    case "list": {
      if (!shape.primitive) return node(name, items(value, shape), attributes);
      return node(name, items(value, shape, "d:"), { ...attributes, "xmlns:d": ARRAYS_NAMESPACE });
    }
    case "object": {
      if (!shape.namespace) return node(name, members(value, shape), attributes);
      return node(name, members(value, shape, "d:"), { ...attributes, "xmlns:d": shape.namespace });
    }
    default:
      return shape satisfies never;
  }
}

function items(value: unknown, shape: Extract<Shape, { kind: "list" }>, prefix = ""): Node[] {
  return (value as readonly unknown[]).map((item) => element(`${prefix}${shape.itemName}`, item, shape.item));
}

/** What is absent is left out; null is said. */
function members(value: unknown, shape: Extract<Shape, { kind: "object" }>, prefix = ""): Node[] {
  const given = value as Readonly<Record<string, unknown>>;
  return shape.members.flatMap(({ key, name, shape: inner, isText }) => {
    const at = given[key];
    if (at === undefined) return [];
    if (isText && inner.kind === "leaf") return [{ "#text": leafText(at, inner.leaf) }];
    if (inner.kind === "list" && inner.bare) return items(at, inner, prefix);
    return [element(`${prefix}${name}`, at, inner)];
  });
}

function node(name: string, inner: readonly Node[], attributes: Record<string, string>): Node {
  const named = Object.entries(attributes).map(([key, value]) => [`@_${key}`, value]);
  return named.length > 0 ? { [name]: inner, ":@": Object.fromEntries(named) } : { [name]: inner };
}

function leafText(value: unknown, leaf: Leaf): string {
  if (leaf === "flags") return (value as readonly string[]).join(" ");
  if (leaf === "duration") return toDuration(Number(value));
  if (leaf === "dateTime") return new Date(String(value)).toISOString();
  // XML has no way to say these characters at all.
  return String(value).replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd");
}

/** Seconds as .NET writes a TimeSpan. */
function toDuration(seconds: number): string {
  const whole = Math.floor(Math.abs(seconds));
  const rest = Math.abs(seconds) - whole;
  const parts = [
    [Math.floor(whole / 86_400), "D"],
    [Math.floor(whole / 3600) % 24, "H"],
    [Math.floor(whole / 60) % 60, "M"],
  ] as const;
  const [days, ...times] = parts.map(([count, unit]) => (count > 0 ? `${count}${unit}` : ""));
  const last = (whole % 60) + Number(rest.toFixed(3));
  const time = times.join("") + (last > 0 || whole < 60 ? `${last}S` : "");
  return `${seconds < 0 ? "-" : ""}P${days}${time ? `T${time}` : ""}`;
}
