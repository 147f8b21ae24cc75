import { describe, expect, it } from "vitest";
import { NAV, navFor } from "@/components/shell/nav";
import { Role } from "@/lib/engine/accounts/schemas";

describe("the navigation", () => {
  it("shows a role only what it may open", () => {
    for (const role of Role.options)
      for (const item of navFor({ role, tenantIds: null })) expect(item.roles ?? [role]).toContain(role);
  });

  it("shows an account that is bound to tenants nothing that is about the whole core", () => {
    const shown = navFor({ role: "administrator", tenantIds: [] });
    expect(shown).toEqual(NAV.filter(({ isCoreWide }) => !isCoreWide));
  });
});
