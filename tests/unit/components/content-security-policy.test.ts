import { describe, expect, it } from "vitest";
import { contentSecurityPolicy } from "@/lib/auth/content-security-policy";

const directives = (policy: string): Record<string, string[]> =>
  Object.fromEntries(policy.split("; ").map((one) => [one.split(" ")[0], one.split(" ").slice(1)]));

describe("what a page may load", () => {
  const policy = directives(contentSecurityPolicy("n0nce", false));
  it("is from this core alone", () => {
    for (const sources of Object.values(policy)) expect(sources.join(" ")).not.toMatch(/https?:|\*/);
  });
  it("no inline script or style sheet runs without the nonce, and nothing is evaluated", () => {
    expect(policy["script-src"]).toEqual(["'self'", "'nonce-n0nce'", "'strict-dynamic'"]);
    expect(policy["style-src-elem"]).toEqual(["'self'", "'nonce-n0nce'"]);
  });
  it("no other page may frame it, and no form may be sent elsewhere", () => {
    expect(policy["frame-ancestors"]).toEqual(["'none'"]);
    expect(policy["form-action"]).toEqual(["'self'"]);
    expect(policy["base-uri"]).toEqual(["'none'"]);
  });
});
