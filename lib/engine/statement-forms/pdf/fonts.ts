import "server-only";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

export type Weight = 400 | 600;

/** A stretch of text that one font file can write. */
export interface FontRun {
  font: string;
  text: string;
}

// The package cuts the font by scripts. Those that occur most come first.
const SCRIPTS = ["latin", "latin-ext", "cyrillic", "greek", "vietnamese", "cyrillic-ext", "greek-ext"] as const;
type Script = (typeof SCRIPTS)[number];

/** Stands for a character that no font here has: visible, so that nobody takes a shortened name for the whole one. */
const UNKNOWN = "?";

const PACKAGE = "@fontsource/inter";
// Named at run time: what bundles the pages must not look into font files.
const resolve = (name: string) =>
  createRequire(path.join(process.cwd(), "package.json")).resolve([PACKAGE, name].join("/"));

/** A registrable name of a font file. */
export const fontName = (script: string, weight: Weight) => `${script}-${weight}`;

/** The bytes of a font file; kept, as every document needs some of them (in all 0.5 MB). */
export function fontFile(name: string): Buffer {
  const known = files.get(name);
  if (known) return known;
  const read = readFileSync(resolve(`files/inter-${name}-normal.woff`));
  files.set(name, read);
  return read;
}
const files = new Map<string, Buffer>();

/** The text cut by the font files that can write it, in its order; what none can write is replaced visibly. */
export function fontRuns(text: string, weight: Weight): FontRun[] {
  // Most of what stands on a statement.
  if (/^[ -~]*$/.test(text)) return text === "" ? [] : [{ font: fontName("latin", weight), text }];
  const runs: FontRun[] = [];
  for (const character of writable(text)) {
    const script = scriptOf(character.codePointAt(0) ?? 0);
    const font = fontName(script ?? "latin", weight);
    const shown = script === null ? UNKNOWN : character;
    const last = runs.at(-1);
    // Spaces belong to whatever stands before them.
    if (last && (last.font === font || character === " ")) last.text += shown;
    else runs.push({ font, text: shown });
  }
  return runs;
}

/** Composed, on one line, and without what only steers a screen: such characters could turn a line of a bill around. */
const writable = (text: string) =>
  text
    .normalize("NFC")
    .replace(/\s+/g, " ")
    .replace(/[\p{Cc}\p{Cf}]/gu, "");

function scriptOf(code: number): Script | null {
  return SCRIPTS.find((script) => ranges()[script].some(([from, to]) => code >= from && code <= to)) ?? null;
}

type Ranges = Readonly<Record<Script, readonly (readonly [number, number])[]>>;
let known: Ranges | undefined;

/** Which characters each file has, as the package says. */
function ranges(): Ranges {
  if (known) return known;
  const said = JSON.parse(readFileSync(resolve("unicode.json"), "utf8")) as Record<string, string>;
  const entries = SCRIPTS.map((script) => [script, (said[script] ?? "").split(",").map(toRange)] as const);
  // Every script is among the entries.
  known = Object.fromEntries(entries) as unknown as Ranges;
  return known;
}

/** "U+0000-00FF" or "U+0131" */
function toRange(text: string): readonly [number, number] {
  const [from = "", to = from] = text.replace("U+", "").split("-");
  return [Number.parseInt(from, 16), Number.parseInt(to, 16)];
}
