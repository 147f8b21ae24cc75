import { z } from "zod";
import { invalidInput } from "@/lib/errors";

const Cursor = z.tuple([z.string(), z.uuid()]);

/** Where a page of rows that are ordered by name, then id, ended. */
export interface NameCursor {
  readonly name: string;
  readonly id: string;
}

/** A cursor carries a name of 128 characters, encoded twice. */
export const NAME_CURSOR_MAX = 1_000;

export const toNameCursor = ({ name, id }: NameCursor): string =>
  Buffer.from(JSON.stringify([name, id] satisfies z.infer<typeof Cursor>)).toString("base64url");

/** The rows behind a cursor, as Prisma's filter; all of them without one. Throws `invalid_input` for a cursor that is none. */
export function behindName(cursor: string | undefined) {
  if (cursor === undefined) return {};
  const { name, id } = readNameCursor(cursor);
  return { OR: [{ name: { gt: name } }, { name, id: { gt: id } }] };
}

function readNameCursor(cursor: string): NameCursor {
  try {
    const [name, id] = Cursor.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
    return { name, id };
  } catch {
    throw invalidInput("The cursor is not one that this list gave out.");
  }
}

/** A page made of one row more than was asked for. */
export function toNamePage<T extends NameCursor>(rows: readonly T[], limit: number, total: number) {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last ? toNameCursor(last) : null, total };
}
