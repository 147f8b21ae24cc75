import { invalidInput } from "@/lib/errors";
import { readJson, readText } from "@/lib/http/body";
import type { AnyVendorRow, VendorCall } from "./row";

/** Inputs of these APIs are forms, not files. */
export const BODY_BYTES_MAX = 1024 * 1024;

/** The body as JSON whatever its content type says; an empty one is `{}`. Throws invalid_input, too_large. */
export async function jsonBody({ request }: VendorCall, row: AnyVendorRow): Promise<Record<string, unknown>> {
  const body = await readJson(request, row.bytesMax ?? BODY_BYTES_MAX);
  if (body === null || typeof body !== "object" || Array.isArray(body))
    throw invalidInput("The body must be a JSON object.");
  return Object.fromEntries(Object.entries(body));
}

/** The body as a form (application/x-www-form-urlencoded). Throws invalid_input, too_large. */
export async function formBody({ request }: VendorCall, row: AnyVendorRow): Promise<Record<string, string>> {
  const text = await readText(request, row.bytesMax ?? BODY_BYTES_MAX);
  const form = Object.fromEntries(new URLSearchParams(text));
  if (text.includes("\0") || text.includes("%00")) throw invalidInput("The body holds the character U+0000.");
  return form;
}

/** The query, each name once (the last one counts). */
export const queryOf = ({ request }: Pick<VendorCall, "request">): Record<string, string> =>
  Object.fromEntries(new URL(request.url).searchParams);
