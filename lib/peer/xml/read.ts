import { invalidInput } from "@/lib/errors";
import type { XmlElement } from "./parse";
import type { Leaf, Member, Shape } from "./shape";

/**
 * An element as the value that its schema parses: members in any order, unknown ones passed over, nil as null. Texts that are no
 * number or boolean stay texts, so that the schema says what is wrong. Throws invalid_input for a member that comes twice.
 */
export function fromXml(element: XmlElement, shape: Shape): unknown {
  if (element.isNil) return shape.nullable ? null : undefined;
  switch (shape.kind) {
    case "leaf":
      return leafValue(element.text.trim(), shape.leaf);
    case "list":
      return element.children.map((child) => fromXml(child, shape.item));
    case "object":
      return Object.fromEntries(shape.members.map((member) => [member.key, memberValue(element, member)]));
    default:
      return shape satisfies never;
  }
}

function memberValue(element: XmlElement, member: Member): unknown {
  const { name, shape, isText } = member;
  if (isText) return element.children.length > 0 ? undefined : fromXml(element, shape);
  if (shape.kind === "list" && shape.bare)
    return element.children.filter((child) => child.name === shape.itemName).map((child) => fromXml(child, shape.item));
  const [found, ...others] = element.children.filter((child) => child.name === name);
  if (others.length > 0) throw invalidInput(`${name} stands more than once in ${element.name}.`);
  return found && fromXml(found, shape);
}

function leafValue(text: string, leaf: Leaf): unknown {
  switch (leaf) {
    case "int":
      return /^[+-]?\d{1,20}(\.\d{1,20})?$/.test(text) ? Number(text) : text;
    case "boolean":
      return text === "true" || text === "1" ? true : text === "false" || text === "0" ? false : text;
    case "dateTime":
      // DataContract writes UTC without saying so.
      return /\d{2}:\d{2}:\d{2}(\.\d+)?$/.test(text) ? `${text}Z` : text;
    case "duration":
      return secondsOf(text);
    case "flags":
      return text === "" ? [] : text.split(/[\s,]+/);
    case "guid":
      return text.toLowerCase().replaceAll(/^\{|\}$/g, "");
    case "text":
      return text;
    default:
      return leaf satisfies never;
  }
}

/** xs:duration without years and months, whose length nobody knows, as .NET writes a TimeSpan: P1DT2H3M4.5S. */
function secondsOf(text: string): unknown {
  const found = /^(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text);
  if (!found || text.endsWith("P") || text.endsWith("T")) return text;
  const [, sign, days = 0, hours = 0, minutes = 0, seconds = 0] = found;
  const total = Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return sign === "-" ? -total : total;
}
