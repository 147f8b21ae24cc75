import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { commitTo, isCommittedShare, targetShare, verificationCode } from "@/lib/engine/trust/verification";

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((array) => Buffer.from(array));
const setup = fc.record({ sourceKey: bytes(91), targetAuthorityKey: bytes(91), source: bytes(32), target: bytes(32) });

describe("the verification code", () => {
  it("has eight characters that nobody mishears, in two groups", () => {
    fc.assert(
      fc.property(setup, ({ source, target, ...keys }) => {
        expect(verificationCode(keys, { source, target })).toMatch(
          /^[0-9ABCDEFGHJKMNPQRSTVWXYZ]{4}-[0-9ABCDEFGHJKMNPQRSTVWXYZ]{4}$/,
        );
      }),
    );
  });

  it("uses every character at every place", () => {
    const seen = Array.from({ length: 9 }, () => new Set<string>());
    for (let n = 0; n < 3000; n++) {
      const code = verificationCode(
        { sourceKey: randomBytes(8), targetAuthorityKey: randomBytes(8) },
        { source: randomBytes(32), target: randomBytes(32) },
      );
      [...code].forEach((letter, at) => {
        seen[at]?.add(letter);
      });
    }
    expect(seen.map((letters) => letters.size)).toEqual([32, 32, 32, 32, 1, 32, 32, 32, 32]);
  });

  it("changes with either key and either share, and when they are swapped", () => {
    fc.assert(
      fc.property(setup, bytes(32), ({ source, target, ...keys }, other) => {
        const code = verificationCode(keys, { source, target });
        fc.pre(!other.equals(source) && !other.equals(target) && !source.equals(target));
        expect(verificationCode({ ...keys, sourceKey: other }, { source, target })).not.toBe(code);
        expect(verificationCode({ ...keys, targetAuthorityKey: other }, { source, target })).not.toBe(code);
        expect(verificationCode(keys, { source: other, target })).not.toBe(code);
        expect(verificationCode(keys, { source, target: other })).not.toBe(code);
        expect(verificationCode(keys, { source: target, target: source })).not.toBe(code);
      }),
    );
  });
});

describe("the target's promise", () => {
  const keys = { sourceKey: randomBytes(91), targetAuthorityKey: randomBytes(91) };

  it("holds for the share behind it, between these two keys, and for nothing else", () => {
    const share = randomBytes(32);
    const commitment = commitTo(share, keys);
    expect(isCommittedShare(commitment, share, keys)).toBe(true);
    expect(isCommittedShare(commitment, randomBytes(32), keys)).toBe(false);
    expect(isCommittedShare(commitment, share, { ...keys, sourceKey: randomBytes(91) })).toBe(false);
    expect(isCommittedShare(commitment, share, { ...keys, targetAuthorityKey: randomBytes(91) })).toBe(false);
    expect(isCommittedShare(commitment.subarray(1), share, keys)).toBe(false);
    expect(isCommittedShare(commitment, Buffer.alloc(0), keys)).toBe(false);
  });

  it("is the same after a restart, and another for every request, key and core", () => {
    const [secret, key] = [randomBytes(32), randomBytes(91)];
    expect(targetShare(secret, "a", key)).toEqual(targetShare(secret, "a", key));
    const others = [
      targetShare(secret, "b", key),
      targetShare(secret, "a", randomBytes(91)),
      targetShare(randomBytes(32), "a", key),
    ];
    for (const other of others) expect(other).not.toEqual(targetShare(secret, "a", key));
  });
});
