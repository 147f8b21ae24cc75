const ROOM = "/apprecovery";

/**
 * A request target below /apprecovery as the route behind us takes it, null for any other. Existing clients end addresses with a
 * slash and write them in any letter case; Next would redirect the one and not find the other. What could be read as another
 * path behind us is nobody's target.
 */
export function toPeerTarget(target: string): string | null {
  const at = target.indexOf("?");
  const [path, query] = at < 0 ? [target, ""] : [target.slice(0, at), target.slice(at)];
  if (/%(2e|2f|5c)|\\|\/\//i.test(path) || !path.toLowerCase().startsWith(`${ROOM}/`)) return null;
  if (!URL.canParse(path, "https://core") || new URL(path, "https://core").pathname !== path) return null;
  return ROOM + path.slice(ROOM.length).replace(/\/$/, "") + query;
}
