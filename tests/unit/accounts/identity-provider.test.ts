import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { toIdentity } from "@/lib/auth/claims";
import { type IdentityProvider, readIdentityProvider } from "@/lib/env/identity-provider";

const SET = {
  TWINCORE_OIDC_ISSUER: "https://id.example",
  TWINCORE_OIDC_CLIENT_ID: "twincore",
  TWINCORE_OIDC_CLIENT_SECRET: "hush hush",
};
const ROLES = { TWINCORE_OIDC_ROLE_CLAIM: "groups", TWINCORE_OIDC_ROLES: "admins=administrator, a=b=reader" };
const read = (more: Record<string, string> = {}) => readIdentityProvider({ ...SET, ...more });

describe("the variables of an identity provider", () => {
  it("configure none when there is no issuer", () => {
    expect(readIdentityProvider({})).toBeNull();
    expect(read({ TWINCORE_OIDC_ISSUER: "" })).toBeNull();
  });

  it("are read with their mapping of roles, in its order", () => {
    expect(read(ROLES)).toMatchObject({
      name: "Single sign-on",
      roleClaim: "groups",
      roles: [
        { value: "admins", role: "administrator" },
        { value: "a=b", role: "reader" },
      ],
      tenantClaim: null,
    });
  });

  it("may name a file with the secret", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "twincore-secret-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = path.join(folder, "secret");
    writeFileSync(file, "from the file\n");
    const more = { TWINCORE_OIDC_CLIENT_SECRET: "", TWINCORE_OIDC_CLIENT_SECRET_FILE: file };
    expect(read(more)?.clientSecret).toBe("from the file");
  });

  it.each([
    ["an issuer without TLS elsewhere", { TWINCORE_OIDC_ISSUER: "http://id.example" }, "TWINCORE_OIDC_ISSUER"],
    ["an issuer that only looks local", { TWINCORE_OIDC_ISSUER: "http://127.0.0.1.evil.example" }, "ISSUER"],
    ["no client id", { TWINCORE_OIDC_CLIENT_ID: "" }, "TWINCORE_OIDC_CLIENT_ID"],
    ["no secret", { TWINCORE_OIDC_CLIENT_SECRET: "" }, "TWINCORE_OIDC_CLIENT_SECRET"],
    ["a role that is none", { ...ROLES, TWINCORE_OIDC_ROLES: "admins=root" }, "TWINCORE_OIDC_ROLES"],
    ["roles without their claim", { TWINCORE_OIDC_ROLES: "admins=administrator" }, "TWINCORE_OIDC_ROLE_CLAIM"],
    ["a claim without roles", { TWINCORE_OIDC_ROLE_CLAIM: "groups" }, "TWINCORE_OIDC_ROLES"],
  ])("%s is refused by the name of the variable, without the secret", (_what, more, variable) => {
    expect(() => read(more)).toThrow(expect.objectContaining({ message: expect.stringContaining(variable) }));
    expect(() => read(more)).not.toThrow(/hush/);
  });
});

describe("the claims of an identity provider", () => {
  const provider = (more: Record<string, string> = {}): IdentityProvider => {
    const found = read({ ...ROLES, ...more });
    if (!found) throw new Error("no provider");
    return found;
  };

  it("give the first role of the mapping that fits, and none to who has no such value", () => {
    const roleOf = (groups: unknown) => toIdentity(provider(), { sub: "1", groups }).role;
    expect(roleOf(["a=b", "admins"])).toBe("administrator");
    expect(roleOf("a=b")).toBe("reader");
    for (const groups of [undefined, [], "ADMINS", { admins: true }, [["admins"]], 7])
      expect(roleOf(groups)).toBeNull();
  });

  it("are found inside objects, and tenants with a star are all", () => {
    const nested = provider({
      TWINCORE_OIDC_ROLE_CLAIM: "realm_access.roles",
      TWINCORE_OIDC_TENANT_CLAIM: "customers",
    });
    const identity = toIdentity(nested, { sub: "1", realm_access: { roles: ["admins"] }, customers: ["Acme", "*"] });
    expect(identity).toMatchObject({ role: "administrator", tenants: "all" });
    expect(toIdentity(nested, { sub: "1", customers: "Acme" })).toMatchObject({ role: null, tenants: ["Acme"] });
    expect(toIdentity(provider(), { sub: "1" }).tenants).toBeUndefined();
  });

  it("say that an address is verified only in so many words", () => {
    const isVerified = (email_verified: unknown) =>
      toIdentity(provider(), { sub: "1", email_verified }).isEmailVerified;
    expect([true, "true", false, "false", null, undefined].map(isVerified)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(() => toIdentity(provider(), { email: "x@example.com" })).toThrow();
  });
});
