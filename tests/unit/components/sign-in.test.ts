import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { safeNext, toRefusal } from "@/components/sign-in/refusal";
import { encodeRefusal } from "@/lib/auth/refusal";
import { TwincoreError } from "@/lib/errors";

describe("where a sign-in leads", () => {
  it.each([
    undefined,
    "",
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "/.//evil.example",
    "javascript:alert(1)",
    "/sign-in?next=/",
  ])("%s leads to the overview", (next) => expect(safeNext(next)).toBe("/"));
  it("a page of this core is kept with its query", () =>
    expect(safeNext("/sessions?state=ok")).toBe("/sessions?state=ok"));
  it("never leaves the host, whatever it is", () => {
    fc.assert(
      fc.property(fc.string(), (next) => {
        expect(new URL(safeNext(next), "https://core.example").host).toBe("core.example");
      }),
    );
  });
});

describe("why a sign-in was refused", () => {
  it("reaches the form whole", () => {
    const error = new TwincoreError("too_many_requests", "Too many attempts.", { retryAfterSeconds: 90 });
    expect(toRefusal(encodeRefusal(error))).toEqual({
      code: "too_many_requests",
      message: "Too many attempts.",
      retryAfterSeconds: 90,
      detail: null,
    });
  });
  it("tells nothing of what broke inside", () => {
    expect(toRefusal(encodeRefusal(new Error("relation account does not exist"))).message).not.toContain("relation");
  });
  it.each(["CredentialsSignin", "", null, undefined, "{}"])("%s becomes a plain sentence", (text) =>
    expect(toRefusal(text).message).toBe("Signing in did not work just now. Try again."),
  );
});
