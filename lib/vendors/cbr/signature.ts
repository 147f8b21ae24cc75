import { createHash, createHmac, timingSafeEqual } from "node:crypto";

const ALGORITHM = "SDK-HMAC-SHA256";
/** A clock may be wrong by this much; and so long may a request that was overheard be sent again. */
const WINDOW_MS = 15 * 60_000;
const SIGNED_HEADERS_MAX = 64;

/** What the Authorization header of a signed request says. */
export interface Signature {
  readonly accessKey: string;
  /** Lower case, in the order in which they were signed. */
  readonly signedHeaders: readonly string[];
  /** 64 hexadecimal digits. */
  readonly signature: string;
}

/** What is signed of a request. `path` and `query` as they were on the wire; the query without "?". */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: (name: string) => string | null;
  readonly body: Uint8Array;
}

/** The signature in an Authorization header; null when it is of another form. */
export function readSignature(authorization: string): Signature | null {
  const found =
    /^SDK-HMAC-SHA256\s+Access=([\w-]{1,128}),\s*SignedHeaders=([\w;-]{1,2048}),\s*Signature=([0-9a-f]{64})$/i.exec(
      authorization.trim(),
    );
  if (!found) return null;
  const [, accessKey = "", names = "", signature = ""] = found;
  const signedHeaders = names.toLowerCase().split(";");
  return signedHeaders.length > SIGNED_HEADERS_MAX ? null : { accessKey, signedHeaders, signature };
}

/** Is the request signed with this secret, as it is, and lately? */
export function isSigned(request: SignedRequest, given: Signature, secret: string, now: Date): boolean {
  const date = request.headers("x-sdk-date");
  if (date === null || !isRecent(date, now)) return false;
  const digest = sha256(request.body);
  // A digest that the client declares must be that of what it sent: "UNSIGNED-PAYLOAD" would leave the body to anybody.
  const declared = request.headers("x-sdk-content-sha256");
  if (declared !== null && declared.trim().toLowerCase() !== digest) return false;
  const canonical = canonicalRequest(request, given.signedHeaders, digest);
  if (canonical === null) return false;
  const text = `${ALGORITHM}\n${date.trim()}\n${sha256(Buffer.from(canonical))}`;
  const expected = createHmac("sha256", secret).update(text).digest();
  return timingSafeEqual(expected, Buffer.from(given.signature, "hex"));
}

/** The request in the one form that both sides sign; null when a signed header is missing or the query cannot be read. */
export function canonicalRequest(
  request: SignedRequest,
  signedHeaders: readonly string[],
  digest: string,
): string | null {
  const query = canonicalQuery(request.query);
  const path = canonicalPath(request.path);
  const lines = signedHeaders.map((name) => [name, request.headers(name)] as const);
  if (query === null || path === null || lines.some(([, value]) => value === null)) return null;
  const headers = lines.map(([name, value]) => `${name}:${value?.trim()}\n`).join("");
  return [request.method.toUpperCase(), path, query, headers, signedHeaders.join(";"), digest].join("\n");
}

function canonicalPath(path: string): string | null {
  const segments = path.split("/").map(decode);
  if (segments.includes(null)) return null;
  const encoded = segments.map((segment) => encode(segment ?? "")).join("/");
  return encoded.endsWith("/") ? encoded : `${encoded}/`;
}

function canonicalQuery(query: string): string | null {
  if (query === "") return "";
  // On its way here a query may have been written anew as forms are, with + for a space; those who sign write a plus itself as %2B.
  const pairs = query
    .replaceAll("+", "%20")
    .split("&")
    .map((pair) => {
      const at = pair.indexOf("=");
      return at < 0
        ? ([decode(pair), ""] as const)
        : ([decode(pair.slice(0, at)), decode(pair.slice(at + 1))] as const);
    });
  if (pairs.some(([name, value]) => name === null || value === null)) return null;
  return pairs
    .map(([name, value]) => [name ?? "", value ?? ""] as const)
    .toSorted(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join("&");
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** RFC 3986: everything but letters, digits and -_.~ */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

function isRecent(date: string, now: Date): boolean {
  const found = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date.trim());
  if (!found) return false;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1).map(Number);
  return Math.abs(Date.UTC(year, month - 1, day, hour, minute, second) - now.getTime()) <= WINDOW_MS;
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
