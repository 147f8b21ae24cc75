import { jsonBody } from "../body";
import type { AnyVendorRow, VendorCall } from "../row";

/** A reading call's query as it was written; the body of any other, which may be empty and of any content type. */
export async function readInput(call: VendorCall, row: AnyVendorRow): Promise<Record<string, unknown>> {
  if (row.method === "GET") return { query: [...new URL(call.request.url).searchParams] };
  return jsonBody(call, row);
}
