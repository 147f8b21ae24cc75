const ROOM = "/vendors";

/**
 * A request target of the vendor listener as the route behind us takes it: below a room of its own, because those APIs live at /api,
 * /v3 and / itself. Slashes at the end are taken off, since Next would redirect a POST that has one. null: what could be read as another path
 * behind us is nobody's target.
 */
export function toVendorTarget(target: string): string | null {
  const at = target.indexOf("?");
  const [path, query] = at < 0 ? [target, ""] : [target.slice(0, at), target.slice(at)];
  if (/%(2e|2f|5c)|\\|\/\//i.test(path) || !path.startsWith("/")) return null;
  if (!URL.canParse(path, "https://core") || new URL(path, "https://core").pathname !== path) return null;
  return ROOM + path.replace(/\/$/, "") + query;
}
