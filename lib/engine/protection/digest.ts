import { sha256 } from "@/lib/engine/trust/fingerprint";
import type { ProtectedAction } from "./actions";

/** An input as one text, whatever the order of its keys: the database keeps none. What is undefined is left out. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  return `{${entries
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`)
    .join()}}`;
}

/** The same for the same input only. */
export const digestOf = (input: unknown): string => Buffer.from(sha256(Buffer.from(canonical(input)))).toString("hex");

/** One request of an action and input at a time has it; one that its requester does is theirs alone. */
export const openKeyOf = (action: ProtectedAction, input: unknown, requesterId: string | null): string =>
  `${action}:${requesterId ?? ""}:${digestOf(input)}`;
