import { XMLParser, XMLValidator } from "fast-xml-parser";
import { invalidInput } from "@/lib/errors";

/** Deeper than any shape of the contract. */
const DEPTH_MAX = 24;
const ENTITIES_MAX = 100_000;

/** An element as the contract's readers see it: prefixes are gone, and of the attributes only i:nil counts. */
export interface XmlElement {
  readonly name: string;
  readonly isNil: boolean;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

const parser = new XMLParser({
  preserveOrder: true,
  removeNSPrefix: true,
  ignoreAttributes: false,
  parseTagValue: false,
  trimValues: false,
  // Without it references by number stay as they are; named ones of HTML are refused before.
  htmlEntities: true,
  processEntities: { maxTotalExpansions: ENTITIES_MAX, maxExpandedLength: Number.POSITIVE_INFINITY },
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: DEPTH_MAX,
});

/** Parses a document of one root element. Throws invalid_input for what is not well-formed, for any DTD or entity of its own, and for depth. */
export function parseXml(text: string): XmlElement {
  assertPlain(text);
  const checked = XMLValidator.validate(text);
  if (checked !== true) throw invalidInput(`The body is not well-formed XML: ${checked.err.msg}`);
  const [root, ...others] = parse(text).filter((node) => !("#text" in node));
  if (!root || others.length > 0) throw invalidInput("The body must be XML with one root element.");
  return toElement(root);
}

/** A DTD can define entities that read files or grow without end: nothing of it is looked at. */
function assertPlain(text: string): void {
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(text))
    throw invalidInput("The body is not XML: it holds control characters.");
  const markup = text.replaceAll(/<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>/g, "");
  if (markup.includes("<!")) throw invalidInput("XML with a document type or entities of its own is not read here.");
  const entity = /&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[\da-f]{1,6});)[^;<]{0,20}/i.exec(markup);
  if (entity) throw invalidInput(`The body is not well-formed XML: "${entity[0]}" is no reference.`);
}

type Node = Record<string, unknown>;

function parse(text: string): Node[] {
  try {
    return parser.parse(text);
  } catch (cause) {
    throw invalidInput(`This XML is not read: ${cause instanceof Error ? cause.message : "it is not well-formed."}`);
  }
}

function toElement(node: Node): XmlElement {
  const name = Object.keys(node).find((key) => key !== ":@") ?? "";
  const inner = node[name] as Node[];
  const attributes = node[":@"] as Record<string, string> | undefined;
  return {
    name,
    isNil: /^\s*(true|1)\s*$/.test(attributes?.["@_nil"] ?? ""),
    text: inner.map((each) => ("#text" in each ? String(each["#text"]) : "")).join(""),
    children: inner.filter((each) => !("#text" in each)).map(toElement),
  };
}
