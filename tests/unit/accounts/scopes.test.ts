import { describe, expect, it } from "vitest";
import { scopesOf } from "@/components/settings/scope-choice";
import { Area, beyond, holdsScope, Scope, Scopes, scopeOf } from "@/lib/engine/accounts/scopes";

describe("a scope", () => {
  it("is read for what reads and write for everything else", () => {
    expect(scopeOf({ area: "alerts", method: "GET" })).toBe("alerts:read");
    for (const method of ["POST", "PUT", "PATCH", "DELETE"])
      expect(scopeOf({ area: "alerts", method })).toBe("alerts:write");
    expect(scopeOf({ area: "vendors", method: "POST", needs: "read" })).toBe("vendors:read");
  });

  it("counts for its own area and access only, and a star for every area", () => {
    for (const area of Area.options) {
      expect(holdsScope([`${area}:write`], `${area}:read`)).toBe(false);
      expect(holdsScope(["*:read"], `${area}:read`)).toBe(true);
      expect(holdsScope(["*:read"], `${area}:write`)).toBe(false);
      expect(
        holdsScope(
          Area.options.filter((one) => one !== area).map((one) => `${one}:read`),
          `${area}:read`,
        ),
      ).toBe(false);
    }
  });

  it("for protected actions is in no star", () => {
    expect(holdsScope(["*:read", "*:write"], "protected")).toBe(false);
    expect(holdsScope(null, "protected")).toBe(true);
  });

  it("cannot be handed on by who has it not", () => {
    expect(beyond(["*:read"], ["alerts:read", "alerts:write", "protected"])).toEqual(["alerts:write", "protected"]);
    expect(beyond(["alerts:read"], ["*:read"])).toEqual(["*:read"]);
    expect(beyond(null, [...Scope.options])).toEqual([]);
  });

  it("is one of those that there are, and a list of them is not empty", () => {
    expect(Scopes.parse(["usage:read", "*:read", "usage:read"])).toEqual(["*:read", "usage:read"]);
    for (const wrong of [[], ["*"], ["everything:read"], ["alerts:delete"], "*:read"])
      expect(Scopes.safeParse(wrong).success).toBe(false);
  });
});

describe("what a person chooses for a token", () => {
  it("lets who may change a thing read it, too", () => {
    const areas = { alerts: "write", usage: "read", core: "" } as const;
    const pick = { kind: "areas", areas, isProtected: false } as const;
    expect(scopesOf(pick)).toEqual(["usage:read", "alerts:read", "alerts:write"]);
  });

  it("never holds protected actions when it may only read", () => {
    expect(scopesOf({ kind: "read", areas: {}, isProtected: true })).toEqual(["*:read"]);
    expect(scopesOf({ kind: "all", areas: {}, isProtected: true })).toEqual(["*:read", "*:write", "protected"]);
  });
});
