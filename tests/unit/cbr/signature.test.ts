import { describe, expect, it } from "vitest";
import { isSigned, readSignature, type SignedRequest } from "@/lib/vendors/cbr/signature";

// Made once by another implementation of the same description (Python, hmac and urllib), from these very values.
const SECRET = "secret-of-the-key";
const PROJECT = "f841e01fd2b14e7fa41b6ae7aa6b0594";
const HEADERS: Record<string, string> = {
  "content-type": "application/json;charset=utf-8",
  "user-agent": "huaweicloud-usdk-python/3.0",
  "x-project-id": PROJECT,
  "x-sdk-date": "20261121T120000Z",
  host: "core.test:4443",
};
const NAMES = "content-type;host;user-agent;x-project-id;x-sdk-date";
const NOW = new Date("2026-11-21T12:05:00Z");

const listing: SignedRequest = {
  method: "GET",
  path: `/v3/${PROJECT}/backups`,
  query:
    "vault_id=0ca3eb86-8800-46da-9c37-9d657a825274&limit=1000&name=a%20b%2A%27%28%C3%A9%29~&status=available&status=error",
  headers: (name) => HEADERS[name] ?? null,
  body: Buffer.alloc(0),
};
const LISTING = "d029243f67f2412d52d997657169aac6ce3795fac27e2ec30473304a1fe1efee";
const replicating: SignedRequest = {
  ...listing,
  method: "POST",
  path: `/v3/${PROJECT}/checkpoints/replicate`,
  query: "",
  body: Buffer.from('{"replicate": {"vault_id": "3b5816b5-f29c-4172-9d9a-76c719a659ce"}}'),
};
const REPLICATING = "d7ceed4e127218b32a8540e34ddc22a2304e20137da1f5243f56ea3d94e618b4";

const authorization = (signature: string, names = NAMES) =>
  `SDK-HMAC-SHA256 Access=AKEXAMPLE, SignedHeaders=${names}, Signature=${signature}`;
const given = (signature: string, names?: string) => {
  const read = readSignature(authorization(signature, names));
  if (!read) throw new Error("not read");
  return read;
};

describe("a signed request", () => {
  it("is known by the signature that another implementation made", () => {
    expect(isSigned(listing, given(LISTING), SECRET, NOW)).toBe(true);
    expect(isSigned(replicating, given(REPLICATING), SECRET, NOW)).toBe(true);
  });

  it("is known whatever the order of its query, the end of its path and the spaces around its headers", () => {
    const query = listing.query.split("&").reverse().join("&");
    const headers = (name: string) => (HEADERS[name] === undefined ? null : ` ${HEADERS[name]} `);
    expect(isSigned({ ...listing, query, path: `${listing.path}/`, headers }, given(LISTING), SECRET, NOW)).toBe(true);
  });

  it("is known when its query was written anew on the way, as forms are", () => {
    const query = new URLSearchParams(listing.query).toString();
    expect(query).toContain("a+b*");
    expect(isSigned({ ...listing, query }, given(LISTING), SECRET, NOW)).toBe(true);
  });

  it.each<[string, Partial<SignedRequest>]>([
    ["method", { method: "DELETE" }],
    ["path", { path: `/v3/${PROJECT}/vaults` }],
    ["query", { query: `${listing.query}&offset=1` }],
    ["body", { body: Buffer.from("{}") }],
    ["header", { headers: (name) => (name === "x-project-id" ? PROJECT.replace("f", "e") : (HEADERS[name] ?? null)) }],
    ["missing header", { headers: (name) => (name === "user-agent" ? null : (HEADERS[name] ?? null)) }],
    ["date", { headers: (name) => (name === "x-sdk-date" ? "20261121T120001Z" : (HEADERS[name] ?? null)) }],
    [
      "declared digest",
      { headers: (name) => (name === "x-sdk-content-sha256" ? "UNSIGNED-PAYLOAD" : (HEADERS[name] ?? null)) },
    ],
    ["query that cannot be read", { query: "a=%zz" }],
  ])("with another %s is refused", (_, change) => {
    expect(isSigned({ ...listing, ...change }, given(LISTING), SECRET, NOW)).toBe(false);
  });

  it("is refused with another secret, and outside of fifteen minutes on either side", () => {
    expect(isSigned(listing, given(LISTING), `${SECRET}x`, NOW)).toBe(false);
    for (const [time, known] of [
      ["2026-11-21T12:15:00Z", true],
      ["2026-11-21T12:15:01Z", false],
      ["2026-11-21T11:45:00Z", true],
      ["2026-11-21T11:44:59Z", false],
    ] as const)
      expect([time, isSigned(listing, given(LISTING), SECRET, new Date(time))]).toEqual([time, known]);
  });

  it.each([
    ["another scheme", "Bearer x"],
    ["half a header", "SDK-HMAC-SHA256 Access=a"],
    ["a short signature", authorization("abc")],
    ["a name without end", authorization(LISTING, "a".repeat(3000))],
    ["a hundred names", authorization(LISTING, Array(100).fill("a").join(";"))],
  ])("is not read from %s", (_, text) => {
    expect(readSignature(text)).toBeNull();
  });
});
