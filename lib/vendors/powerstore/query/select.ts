import { badQuery } from "./refusal";
import { insideOf, splitTop } from "./split";

/** What a client wants to see of a resource, and of what is related to it. */
export interface Selection {
  /** `*` was among them: every plain property. */
  all: boolean;
  readonly names: Set<string>;
  readonly nested: Map<string, Selection>;
}

/** As deep as the vendor's own clients go, and two more. */
const DEPTH_MAX = 4;
const NAMES_MAX = 300;

/**
 * Reads `a,b,nested(x,y)`. Given twice counts once, the nested parts of both are joined; blanks are passed over; a hinted join
 * (`volume.volume_group_membership(id)`) is one by the name before the dot. Nothing given is `id`.
 */
export function parseSelect(text: string | undefined): Selection {
  const selection = read(text?.trim() ?? "", 0);
  if (!selection.all && selection.names.size === 0 && selection.nested.size === 0) selection.names.add("id");
  return selection;
}

function read(text: string, depth: number): Selection {
  if (depth > DEPTH_MAX) throw badQuery(`A selection is nested at most ${DEPTH_MAX} deep.`);
  const selection: Selection = { all: false, names: new Set(), nested: new Map() };
  for (const part of splitTop(text)) add(selection, part, depth);
  if (selection.names.size + selection.nested.size > NAMES_MAX)
    throw badQuery(`A selection has at most ${NAMES_MAX} properties.`);
  return selection;
}

function add(selection: Selection, part: string, depth: number): void {
  if (part === "*") {
    selection.all = true;
    return;
  }
  const at = part.indexOf("(");
  const [name = ""] = (at < 0 ? part : part.slice(0, at)).trim().split(".");
  if (!/^\w{1,100}$/.test(name)) throw badQuery(`"${part.slice(0, 60)}" is no property to select.`);
  const inner = at < 0 ? null : insideOf(part.slice(at), "(");
  if (at >= 0 && inner === null) throw badQuery(`"${part.slice(0, 60)}" is no property to select.`);
  if (inner === null) selection.names.add(name);
  else selection.nested.set(name, join(selection.nested.get(name), read(inner, depth + 1)));
}

function join(a: Selection | undefined, b: Selection): Selection {
  if (!a) return b;
  const nested = new Map(a.nested);
  for (const [name, one] of b.nested) nested.set(name, join(nested.get(name), one));
  return { all: a.all || b.all, names: new Set([...a.names, ...b.names]), nested };
}
