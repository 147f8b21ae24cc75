import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { setSecurityHeaders } from "@/lib/runtime/listeners/security-headers";

function headersOf(url: string, hasPages: boolean): Record<string, string> {
  const headers = new Map<string, string>();
  const response = { setHeader: (name: string, value: string) => headers.set(name, value) };
  setSecurityHeaders({ url } as IncomingMessage, response as never, hasPages);
  return Object.fromEntries(headers);
}

describe("the headers of every answer", () => {
  it("keep browsers from guessing types, framing, and telling other sites where they were", () => {
    for (const url of ["/", "/agents", "/_next/static/x.js", "/api/v1/me"]) {
      const said = { "x-content-type-options": "nosniff", "x-frame-options": "DENY", "referrer-policy": "no-referrer" };
      expect(headersOf(url, true)).toMatchObject({ ...said, "cross-origin-opener-policy": "same-origin" });
    }
  });

  it("let an answer of an API load and run nothing, and keep it nowhere; pages have their own policy", () => {
    const data = {
      "cache-control": "no-store",
      "content-security-policy": expect.stringContaining("default-src 'none'"),
    };
    for (const url of ["/api/v1/me", "/api/auth/session", "/readyz"]) expect(headersOf(url, true)).toMatchObject(data);
    for (const url of ["/v6/token", "/apprecovery/api/core/x", "/"]) expect(headersOf(url, false)).toMatchObject(data);
    for (const url of ["/", "/apiary", "/agents?x=/api/"])
      expect(headersOf(url, true)).not.toHaveProperty("content-security-policy");
  });

  it("do not make a browser refuse the certificate that a core signed for itself", () => {
    expect(headersOf("/", true)).not.toHaveProperty("strict-transport-security");
  });
});
