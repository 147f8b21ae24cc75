import { createHash } from "node:crypto";
import { z } from "zod";

/** Larger ones are not of this core's making. */
export const DOCUMENT_BYTES_MAX = 16 * 1024 * 1024;

const Hash = z.string().regex(/^[0-9a-f]{64}$/);

const hashOf = (body: unknown): string => createHash("sha256").update(JSON.stringify(body)).digest("hex");

/** A document as it lies in a repository: one line, with the hash of its body as JSON.stringify writes it. */
export function encodeWrapped(format: string, name: string, body: unknown): Buffer {
  return Buffer.from(`${JSON.stringify({ format, version: 1, sha256: hashOf(body), [name]: body })}\n`);
}

/** The body of a document, not looked at yet. null when it is damaged, or of another format. */
export function decodeWrapped(format: string, name: string, bytes: Buffer): unknown {
  const Wrapped = z.object({ format: z.literal(format), version: z.literal(1), sha256: Hash, [name]: z.unknown() });
  const wrapped = Wrapped.safeParse(parseJson(bytes));
  if (!wrapped.success) return null;
  const body = wrapped.data[name];
  return hashOf(body) === wrapped.data.sha256 ? body : null;
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return null;
  }
}
