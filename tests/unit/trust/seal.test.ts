import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seal, unseal } from "@/lib/engine/trust/seal";

const secret = randomBytes(32);

describe("seal", () => {
  it("gives back exactly what was sealed, whatever it was", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.string({ minLength: 1 }), (plain, name) => {
        expect(new Uint8Array(unseal(secret, name, seal(secret, name, plain)))).toEqual(plain);
      }),
    );
  });

  it("never seals the same twice, and shows nothing of what it holds", () => {
    const plain = Buffer.from("-----BEGIN PRIVATE KEY-----");
    const [one, two] = [seal(secret, "ca", plain), seal(secret, "ca", plain)];
    expect(one).not.toEqual(two);
    expect(Buffer.from(one).includes("PRIVATE")).toBe(false);
  });

  it("opens under no other secret and no other name", () => {
    const sealed = seal(secret, "ca", Buffer.from("key"));
    expect(() => unseal(randomBytes(32), "ca", sealed)).toThrowError(/cannot be opened/);
    expect(() => unseal(secret, "web-listener", sealed)).toThrowError(/cannot be opened/);
  });

  it("refuses when any one bit was changed, and anything cut short", () => {
    const sealed = seal(secret, "ca", Buffer.from("key"));
    for (let at = 0; at < sealed.length; at++) {
      const changed = Uint8Array.from(sealed, (byte, i) => (i === at ? byte ^ 1 : byte));
      expect(() => unseal(secret, "ca", changed)).toThrowError(/cannot be opened/);
      expect(() => unseal(secret, "ca", sealed.subarray(0, at))).toThrowError(/cannot be opened/);
    }
  });
});
