import { formatBytes, formatCount } from "@/lib/format";
import type { SchemaNode } from "./queries";

/** Deep enough for every shape of these APIs. */
const DEPTH_MAX = 6;

/** The members of a schema, those inside others indented below them. */
export function SchemaTable({ schema, label, given }: { schema: SchemaNode; label: string; given?: boolean }) {
  const rows = membersOf(schema, 0);
  if (rows.length === 0) return <p className="text-sm">{typeOf(schema)}</p>;
  return (
    <div className="overflow-x-auto rounded-md border bg-surface">
      <table className="w-full text-left text-xs" aria-label={label}>
        <thead className="text-muted">
          <tr className="border-b">
            <th scope="col" className="px-3 py-1.5 font-medium">
              Member
            </th>
            <th scope="col" className="px-3 py-1.5 font-medium">
              Type
            </th>
            <th scope="col" className="px-3 py-1.5 font-medium">
              {given ? "Always there" : "Needed"}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.path} className="border-b last:border-b-0">
              <th
                scope="row"
                className="px-3 py-1.5 font-mono font-normal"
                style={{ paddingLeft: `${0.75 + row.depth}rem` }}
              >
                {row.name}
              </th>
              <td className="px-3 py-1.5 text-muted">{row.type}</td>
              <td className="px-3 py-1.5 text-muted">{row.needed}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface MemberRow {
  path: string;
  name: string;
  depth: number;
  type: string;
  needed: string;
}

function membersOf(schema: SchemaNode, depth: number, above = ""): MemberRow[] {
  const node = objectIn(schema);
  if (!node?.properties || depth >= DEPTH_MAX) return [];
  return Object.entries(node.properties).flatMap(([name, member]) => {
    const path = `${above}.${name}`;
    const needed = node.required?.includes(name) && member.default === undefined ? "yes" : neededWords(member);
    return [{ path, name, depth, type: typeOf(member), needed }, ...membersOf(member, depth + 1, path)];
  });
}

const neededWords = ({ default: given }: SchemaNode) =>
  given === undefined ? "no" : `no; ${given === "" ? "empty" : JSON.stringify(given)} when absent`;

/** The object inside a list or beside null. */
function objectIn(schema: SchemaNode): SchemaNode | undefined {
  if (schema.properties) return schema;
  if (schema.items) return objectIn(schema.items);
  return schema.anyOf?.map(objectIn).find(Boolean);
}

const KINDS: Readonly<Record<string, string>> = { uuid: "id (UUID)", "date-time": "instant", email: "e-mail address" };

function typeOf(schema: SchemaNode): string {
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" or ");
  if (schema.enum) return schema.enum.map(String).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.items) {
    const most = schema.maxItems ? `, ${formatCount(schema.maxItems)} at most` : "";
    return `list of ${schema.items.properties ? "objects" : typeOf(schema.items)}${most}`;
  }
  const kind = KINDS[schema.format ?? ""] ?? [schema.type].flat().join(" or ");
  return `${kind || "anything"}${limitsOf(schema)}`;
}

function limitsOf({ maxLength, minimum, maximum }: SchemaNode): string {
  if (maxLength !== undefined)
    return maxLength > 8192 ? `, ${formatBytes(maxLength)}` : `, ${maxLength} characters at most`;
  const bounded = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  if (bounded) return `, ${formatCount(minimum ?? 0)} to ${formatCount(maximum)}`;
  return minimum === 0 ? ", not negative" : "";
}
