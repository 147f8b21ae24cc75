import { type BytePath, fromText } from "@/lib/engine/folder-images/path";
import { invalidInput } from "@/lib/errors";

/** More wildcards than any sensible pattern has; it bounds how long a match may take. */
const WILDCARDS_MAX = 16;

/**
 * What a folder capture leaves out. Patterns are those of .gitignore, all of them:
 *
 * * an empty pattern, or one that begins with "#", says nothing; "\#", "\!" and "\ " (at the end) mean the character itself
 * * "!" at the beginning takes back what an earlier pattern left out; the last pattern that fits decides. What lies in a
 *   folder that is left out cannot be taken back.
 * * "/" at the end: folders only. "/" at the beginning or inside: the pattern counts from the captured folder; without, it
 *   fits a name at any depth.
 * * "*" any characters but "/", "?" one of them, "[a-z]" and "[!a-z]" sets (of ASCII); "**" in place of a whole component any
 *   number of folders.
 *
 * Upper and lower case differ. Names are compared by their bytes, as git does: "ü" is two of them.
 */
export type Excludes = (path: BytePath, isFolder: boolean) => boolean;

interface Rule {
  fits: RegExp;
  foldersOnly: boolean;
  excluded: boolean;
}

/** Compiles patterns once. Throws `invalid_input` for one that cannot be meant. */
export function compileExcludes(patterns: readonly string[]): Excludes {
  const rules = patterns.map(toRule).filter((rule) => rule !== null);
  if (rules.length === 0) return () => false;
  return (path, isFolder) => {
    for (let i = rules.length - 1; i >= 0; i--) {
      const rule = rules[i];
      if (rule && (isFolder || !rule.foldersOnly) && rule.fits.test(path)) return rule.excluded;
    }
    return false;
  };
}

function toRule(pattern: string): Rule | null {
  let rest = fromText(pattern.replace(/(?<!\\) +$/, ""));
  if (rest === "" || rest.startsWith("#")) return null;
  const excluded = !rest.startsWith("!");
  if (!excluded) rest = rest.slice(1);
  const foldersOnly = rest.endsWith("/");
  if (foldersOnly) rest = rest.slice(0, -1);
  const anchored = rest.includes("/");
  if (rest.startsWith("/")) rest = rest.slice(1);
  if (rest === "" || rest.includes("\0")) throw invalidInput(`The exclude pattern "${pattern}" fits nothing.`);
  if ((rest.match(/\*/g)?.length ?? 0) > WILDCARDS_MAX)
    throw invalidInput(`The exclude pattern "${pattern}" has more than ${WILDCARDS_MAX} asterisks.`);
  return { fits: toExpression(rest, anchored), foldersOnly, excluded };
}

function toExpression(pattern: string, anchored: boolean): RegExp {
  const parts = pattern.split("/");
  let source = anchored ? "^" : "^(?:.*/)?";
  parts.forEach((part, position) => {
    const last = position === parts.length - 1;
    // More than two mean the same as two.
    if (/^\*{2,}$/.test(part)) source += last ? "[^]+" : "(?:[^/]+/)*";
    else source += componentSource(part) + (last ? "" : "/");
  });
  return new RegExp(`${source}$`, "s");
}

function componentSource(part: string): string {
  let source = "";
  for (let at = 0; at < part.length; at++) {
    const character = part.charAt(at);
    if (character === "*") {
      while (part.charAt(at + 1) === "*") at++;
      source += "[^/]*";
    } else if (character === "?") source += "[^/]";
    else if (character === "[") {
      const set = setAt(part, at);
      source += set?.source ?? "\\[";
      at = set?.end ?? at;
    } else if (character === "\\" && at + 1 < part.length) source += literal(part.charAt(++at));
    else source += literal(character);
  }
  return source;
}

/** The set that begins at `[`, or null when it has no end and so is an ordinary character. */
function setAt(part: string, start: number): { source: string; end: number } | null {
  const negated = part.charAt(start + 1) === "!" || part.charAt(start + 1) === "^";
  const first = start + (negated ? 2 : 1);
  // A "]" right at the beginning belongs to the set.
  const end = part.indexOf("]", first + 1);
  if (end < 0) return null;
  const body = part.slice(first, end).replace(/[\\\]^[]/g, "\\$&");
  try {
    const source = negated ? `[^/${body}]` : `(?!/)[${body}]`;
    new RegExp(source);
    return { source, end };
  } catch {
    throw invalidInput(`The set "${part.slice(start, end + 1)}" in an exclude pattern is in the wrong order.`);
  }
}

const literal = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
