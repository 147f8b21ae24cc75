import { invalidInput } from "@/lib/errors";
import { Id } from "./schemas";

/** A cursor that is the id of the last row of the page before. Version 7 UUIDs sort by the time they were made. */
export function readIdCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined || Id.safeParse(cursor).success) return cursor;
  throw invalidInput("The cursor is not one that this list gave out.");
}
