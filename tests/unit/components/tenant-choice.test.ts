import { describe, expect, it } from "vitest";
import { proposedTenant, wrongWith } from "@/components/pairing/tenant-choice";

const tenants = [
  { id: "1", name: "Acme", customerId: "4711" },
  { id: "2", name: "Harbour", customerId: "" },
  { id: "3", name: "Harbour 2", customerId: "" },
];

describe("the tenant that an approval proposes", () => {
  it("is the customer of the same id", () => {
    expect(proposedTenant({ peerName: "Core", customerId: "4711" }, tenants)).toEqual({ tenantId: "1" });
  });

  it("is never one that is only called like the other core", () => {
    expect(proposedTenant({ peerName: "Harbour", customerId: "" }, tenants)).toEqual({ tenantName: "Harbour 3" });
    expect(proposedTenant({ peerName: "New", customerId: "4712" }, tenants)).toEqual({ tenantName: "New" });
    expect(proposedTenant({ peerName: "New", customerId: "" }, [])).toEqual({ tenantName: "New" });
  });

  it("has a name that is free", () => {
    expect(wrongWith({ tenantName: " " }, tenants)).toContain("name");
    expect(wrongWith({ tenantName: "Acme" }, tenants)).toContain("already");
    expect(wrongWith({ tenantName: "New" }, tenants)).toBeNull();
    expect(wrongWith({ tenantId: "1" }, tenants)).toBeNull();
  });
});
