/** A path template split once: literal segments and `{name}` parts. */
interface Template<R> {
  readonly row: R;
  readonly method: string;
  readonly segments: readonly ({ literal: string } | { name: string })[];
}

export type Match<R> =
  | { kind: "found"; row: R; params: Record<string, string> }
  | { kind: "wrong-method"; allow: string[] }
  | { kind: "none" };

interface MatchOptions {
  /** Literal segments match in any letter case (clients of the original wire). */
  ignoreCase?: boolean;
}

/**
 * Makes a matcher over rows of { method, path }. Literal segments win over `{name}` parts, from left to right;
 * empty segments, as trailing slashes leave them, are passed over.
 */
export function matcher<R extends { method: string; path: string }>(rows: readonly R[], options: MatchOptions = {}) {
  const fold = (text: string) => (options.ignoreCase ? text.toLowerCase() : text);
  const templates = rows.map((row) => toTemplate(row, fold)).sort(literalsFirst);
  return (method: string, segments: readonly string[]): Match<R> => {
    const parts = segments.filter((segment) => segment !== "");
    const fitting = templates.filter((template) => fits(template, parts, fold));
    // A less literal template must not answer for a more literal one of another method: POST agents/demand is no POST agents/{id}.
    const rivals = fitting.filter((template) => shapeOf(template) === shapeOf(fitting[0]));
    const hit = rivals.find((template) => template.method === method);
    if (hit) return { kind: "found", row: hit.row, params: paramsOf(hit, parts) };
    const allow = [...new Set(rivals.map((template) => template.method))];
    return allow.length > 0 ? { kind: "wrong-method", allow } : { kind: "none" };
  };
}

function toTemplate<R extends { method: string; path: string }>(row: R, fold: (text: string) => string): Template<R> {
  const [path = ""] = row.path.split("?");
  const segments = path
    .split("/")
    .filter(Boolean)
    .map((segment) => {
      const name = /^\{(\w+)\}$/.exec(segment)?.[1];
      return name ? { name } : { literal: fold(segment) };
    });
  return { row, method: row.method, segments };
}

function literalsFirst<R>(a: Template<R>, b: Template<R>): number {
  for (let i = 0; i < Math.min(a.segments.length, b.segments.length); i++) {
    const [left, right] = [a.segments[i], b.segments[i]];
    const difference = Number(left !== undefined && "name" in left) - Number(right !== undefined && "name" in right);
    if (difference !== 0) return difference;
  }
  return b.segments.length - a.segments.length;
}

/** Which segments are literal. */
const shapeOf = (template: Template<unknown> | undefined) =>
  template?.segments.map((segment) => ("name" in segment ? "*" : "=")).join("");

function fits<R>(template: Template<R>, parts: readonly string[], fold: (text: string) => string): boolean {
  return (
    template.segments.length === parts.length &&
    template.segments.every((segment, i) => "name" in segment || segment.literal === fold(parts[i] ?? ""))
  );
}

function paramsOf<R>(template: Template<R>, parts: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {};
  template.segments.forEach((segment, i) => {
    if ("name" in segment) params[segment.name] = parts[i] ?? "";
  });
  return params;
}
