import { invalidInput } from "@/lib/errors";

const SEGMENT = /^[A-Za-z0-9._-]+$/;
const KEY_LENGTH_MAX = 255;

const isSegment = (segment: string) => SEGMENT.test(segment) && segment !== "." && segment !== "..";

/** Refuses every key that the contract of StorageBackend does not allow. */
export function assertKey(key: string): void {
  const segments = key.split("/");
  if (key.length > KEY_LENGTH_MAX || segments[0] === "tmp" || !segments.every(isSegment))
    throw invalidInput("This is not a name that a repository can hold.", key.slice(0, KEY_LENGTH_MAX));
}

/** A prefix is the beginning of a key: its last segment may be empty or cut off anywhere. */
export function assertPrefix(prefix: string): void {
  const segments = prefix.split("/");
  const last = segments.pop() ?? "";
  const whole = segments.every(isSegment) && segments[0] !== "tmp";
  if (prefix.length > KEY_LENGTH_MAX || !whole || (last !== "" && !/^[A-Za-z0-9._-]+$/.test(last)))
    throw invalidInput("This is not the beginning of a name that a repository can hold.");
}

/** Byte order, the order of `list` in every backend; keys are ASCII. */
export const compareKeys = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
