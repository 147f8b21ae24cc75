import { badQuery } from "./refusal";

/** Longer than any client's; it bounds what a hostile one makes us read. */
const PARTS_MAX = 2_100;

/**
 * Splits at commas that stand in no parentheses, braces or quotes. Blanks around a part go, empty parts stay out. Throws when
 * parentheses or quotes do not match.
 */
export function splitTop(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "\\" && quoted) at++;
    else if (character === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (character === "(" || character === "{") depth++;
    else if (character === ")" || character === "}") depth--;
    else if (character === "," && depth === 0) {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
    }
    if (depth < 0) break;
  }
  if (depth !== 0 || quoted) throw badQuery("Parentheses or quotes of the query do not match.");
  parts.push(text.slice(from).trim());
  if (parts.length > PARTS_MAX) throw badQuery(`A query names at most ${PARTS_MAX} things at once.`);
  return parts.filter((part) => part !== "");
}

/** What stands in the outermost parentheses or braces; null: there are none. */
export function insideOf(text: string, open: "(" | "{"): string | null {
  const close = open === "(" ? ")" : "}";
  return text.startsWith(open) && text.endsWith(close) ? text.slice(1, -1) : null;
}

/** A value as written, or without its quotes. */
export function unquote(text: string): string {
  const trimmed = text.trim();
  if (trimmed.length < 2 || !trimmed.startsWith('"') || !trimmed.endsWith('"')) return trimmed;
  return trimmed.slice(1, -1).replace(/\\(.)/g, "$1");
}
