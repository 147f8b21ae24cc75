const BYTES_MAX = 255;
/** Separators of any system, control characters, and characters that make a name look like another one on a screen. */
const NOT_IN_NAMES = /[/\\:\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;

/** Is it a name and no path: what every file system can hold and a page can show as it is? */
export function isFileName(text: string): boolean {
  const fits = text.length > 0 && new TextEncoder().encode(text).length <= BYTES_MAX;
  return fits && !NOT_IN_NAMES.test(text) && text.trim() === text && text !== "." && text !== "..";
}
