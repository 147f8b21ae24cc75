import { Checkbox, Field, Select } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Area, type Scope } from "@/lib/engine/accounts/scopes";

type Access = "" | "read" | "write";

/** What somebody chose a token for. */
export interface ScopePick {
  readonly kind: "read" | "all" | "areas";
  /** Of "areas": nothing, reading, or both. */
  readonly areas: Readonly<Partial<Record<Area, Access>>>;
  readonly isProtected: boolean;
}

const AREA_WORDS: Readonly<Record<Area, string>> = {
  core: "This core and its settings",
  protection: "Agents, recovery points, policies",
  replication: "Sessions, runs, seed drives",
  pairing: "Pairings and requests",
  repositories: "Repositories",
  tenants: "Tenants and quotas",
  usage: "Usage, plans, statements",
  alerts: "Alerts and channels",
  people: "People, tokens, audit",
  vendors: "APIs of other products",
};

/** The scopes of a choice. Who may change a thing may read it, too. */
export function scopesOf({ kind, areas, isProtected }: ScopePick): Scope[] {
  const scopes = chosen(kind, areas);
  return isProtected && kind !== "read" ? [...scopes, "protected"] : scopes;
}

function chosen(kind: ScopePick["kind"], areas: ScopePick["areas"]): Scope[] {
  if (kind === "read") return ["*:read"];
  if (kind === "all") return ["*:read", "*:write"];
  return Area.options.flatMap((area): Scope[] => {
    if (!areas[area]) return [];
    return areas[area] === "read" ? [`${area}:read`] : [`${area}:read`, `${area}:write`];
  });
}

/** Scopes in words, for a list. */
export function scopeWords(scopes: readonly string[]): string {
  const kept = scopes.includes("protected") ? ", protected actions" : "";
  if (scopes.includes("*:write")) return scopes.includes("*:read") ? `everything${kept}` : `changing everything${kept}`;
  const areas = Area.options.filter((area) => scopes.some((scope) => scope.startsWith(`${area}:`)));
  const words = areas.map((area) => (scopes.includes(`${area}:write`) ? area : `${area} (reading)`));
  const all = scopes.includes("*:read")
    ? ["reading everything", ...words.filter((word) => !word.endsWith(")"))]
    : words;
  return `${all.join(", ")}${kept}`;
}

interface ScopeChoiceProps {
  value: ScopePick;
  onChange: (pick: ScopePick) => void;
}

/** Never more than the account itself may: role and tenants count as ever. */
export function ScopeChoice({ value, onChange }: ScopeChoiceProps) {
  return (
    <div className="grid gap-3">
      <Field label="May be used for" hint="Never for more than your own role and tenants allow.">
        {(control) => (
          <Select
            {...control}
            value={value.kind}
            onChange={({ target }) => onChange({ ...value, kind: kindOf(target.value) })}
          >
            <option value="read">Reading only</option>
            <option value="all">Reading and changing</option>
            <option value="areas">Some areas only</option>
          </Select>
        )}
      </Field>
      {value.kind === "areas" && <AreaChoice value={value} onChange={onChange} />}
      {value.kind !== "read" && (
        <Checkbox
          checked={value.isProtected}
          onChange={({ target }) => onChange({ ...value, isProtected: target.checked })}
          label="Also for protected actions"
        />
      )}
      {value.kind !== "read" && value.isProtected && (
        <Notice kind="warn" title="It skips what people are asked for">
          Approving pairings, deleting recovery points and the like ask a person for the password once more. Whoever has
          this token is not asked.
        </Notice>
      )}
    </div>
  );
}

const kindOf = (text: string): ScopePick["kind"] => (text === "read" || text === "areas" ? text : "all");
const accessOf = (text: string): Access => (text === "read" || text === "write" ? text : "");

const AreaChoice = ({ value, onChange }: ScopeChoiceProps) => (
  <ul className="grid gap-1 rounded-md border px-3 py-2">
    {Area.options.map((area) => (
      <li key={area} className="grid grid-cols-[minmax(0,1fr)_9.5rem] items-center gap-3">
        <span className="min-w-0 text-sm">{AREA_WORDS[area]}</span>
        <Select
          aria-label={AREA_WORDS[area]}
          className="h-8 text-xs"
          value={value.areas[area] ?? ""}
          onChange={({ target }) => onChange({ ...value, areas: { ...value.areas, [area]: accessOf(target.value) } })}
        >
          <option value="">–</option>
          <option value="read">Read</option>
          <option value="write">Read and change</option>
        </Select>
      </li>
    ))}
  </ul>
);
