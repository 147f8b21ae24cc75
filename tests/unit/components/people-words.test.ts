import { describe, expect, it } from "vitest";
import { browserName } from "@/components/people/words";
import { noticeOf } from "@/components/sign-in/notices";
import { IdentityRefusal } from "@/lib/engine/accounts/identity-provider/schemas";

const MOZILLA = "Mozilla/5.0";

describe("what a browser says of itself", () => {
  it.each([
    [`${MOZILLA} (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0`, "Firefox on Linux"],
    [
      `${MOZILLA} (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0`,
      "Edge on Windows",
    ],
    [`${MOZILLA} (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36`, "Chrome on Android"],
    [
      `${MOZILLA} (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1`,
      "Safari on iOS",
    ],
    ["curl/8.14.1", "curl/8.14.1"],
    ["", "unknown"],
  ])("%s is %s", (userAgent, name) => {
    expect(browserName(userAgent)).toBe(name);
  });
});

describe("what the sign-in page says of how one came to it", () => {
  it("is a fixed text for every reason, and never what stands in the address", () => {
    for (const refused of IdentityRefusal.options) expect(noticeOf({ refused })).toMatch(/Ask an administrator/);
    for (const text of ["<b>call 555</b>", "constructor", "__proto__", ""]) {
      const said = noticeOf({ refused: text, error: text });
      expect(said).toBe("Single sign-on did not work just now. Try again.");
    }
    expect(noticeOf({ ended: "1" })).toContain("was ended");
    expect(noticeOf({})).toBeNull();
  });
});
