import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { adminContract } from "@/lib/admin/contract";
import { PROTECTED_ACTIONS, PROTECTION_RULES } from "@/lib/engine/protection/actions";
import { digestOf, openKeyOf } from "@/lib/engine/protection/digest";

describe("the digest of an input", () => {
  it("is the same whatever the order of keys, and after a journey through the database", () => {
    const shuffled = (value: Record<string, unknown>) => Object.fromEntries(Object.entries(value).reverse());
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (input) => {
        expect(digestOf(shuffled(input))).toBe(digestOf(input));
        expect(digestOf(JSON.parse(JSON.stringify({ ...input, left: undefined })))).toBe(
          digestOf({ ...input, left: undefined }),
        );
      }),
    );
  });

  it("is another one for any other input", () => {
    const inputs = [{}, { id: "a" }, { id: "b" }, { id: ["a"] }, { id: { a: "" } }, { id: null }, { id: 'a","b":"' }];
    expect(new Set(inputs.map(digestOf)).size).toBe(inputs.length);
    expect(openKeyOf("agent.delete", {}, null)).not.toBe(openKeyOf("pairing.delete", {}, null));
  });
});

describe("the table of protected actions", () => {
  it("has no rule without an action, and agreers who may call the row that agrees", () => {
    const used = new Set(Object.values(PROTECTED_ACTIONS).map(({ rule }) => rule));
    expect([...used].sort()).toEqual(Object.keys(PROTECTION_RULES).sort());
    for (const { agreers } of Object.values(PROTECTION_RULES))
      expect(adminContract.agreeToRequest.roles).toEqual(expect.arrayContaining([...agreers]));
  });

  it.each([
    ["recovery-point.delete", adminContract.deleteRecoveryPoint],
    ["recovery-point.unlock", adminContract.updateRecoveryPoint],
    ["orphaned-image.remove", adminContract.removeOrphanedImage],
    ["agent.delete", adminContract.deleteAgent],
    ["pairing.delete", adminContract.deletePairing],
    ["pairing.approve", adminContract.approvePairing],
    ["pairing.approve-agents", adminContract.approveAgents],
    ["pairing.update", adminContract.updatePairing],
    ["snapshot-rule.update", adminContract.updateSnapshotRule],
    ["policy.update", adminContract.updatePolicy],
    ["policy.assign", adminContract.assignPolicy],
    ["session.fail-over", adminContract.failOverSession],
    ["protection.update", adminContract.updateProtection],
  ] as const)("%s may be asked for by exactly those whom its row lets in", (action, row) => {
    expect([...PROTECTED_ACTIONS[action].askers].sort()).toEqual([...row.roles].sort());
  });
});
