import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bySequence, hashPoints, type PlannedPoint, planPoints } from "@/lib/engine/replication/plan";

const aPoint = fc.record({ number: fc.nat(30), images: fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }) }).map(
  ({ number, images }): PlannedPoint => ({
    id: `point-${number}`,
    sequence: number,
    images: images.map((digest, at) => ({ id: `image-${number}-${at}`, manifestDigest: `digest-${digest}` })),
  }),
);
const points = fc.uniqueArray(aPoint, { selector: ({ id }) => id, maxLength: 25 });
const same = (a: PlannedPoint, b: PlannedPoint) => hashPoints([a]) === hashPoints([b]);

describe("planPoints", () => {
  it("every point of ours is missing, present or conflicting, and never two of these", () => {
    fc.assert(
      fc.property(points, points, (ours, theirs) => {
        const { missing, conflicting } = planPoints(ours, theirs);
        for (const point of ours) {
          const other = theirs.find(({ id }) => id === point.id);
          expect(missing.includes(point)).toBe(other === undefined);
          expect(conflicting.includes(point)).toBe(other !== undefined && !same(point, other));
        }
        expect(missing.length + conflicting.length).toBeLessThanOrEqual(ours.length);
      }),
    );
  });

  it("plans the oldest first, whatever the order in which either side tells its points", () => {
    fc.assert(
      fc.property(points, points, fc.func(fc.nat()), (ours, theirs, weight) => {
        const plan = planPoints(ours, theirs);
        expect(plan.missing).toEqual([...plan.missing].sort(bySequence));
        const shuffled = planPoints(
          [...ours].sort((a, b) => weight(a.id) - weight(b.id)),
          theirs.toReversed(),
        );
        expect(shuffled).toEqual(plan);
      }),
    );
  });

  it("has nothing to do after what it planned was done", () => {
    fc.assert(
      fc.property(points, points, (ours, theirs) => {
        const { missing, conflicting } = planPoints(ours, theirs);
        const after = planPoints(ours, [...theirs, ...missing]);
        expect(after.missing).toEqual([]);
        expect(after.conflicting).toEqual(conflicting);
      }),
    );
  });

  it("names the newest point that is complete over there, and never one that only looks like it", () => {
    fc.assert(
      fc.property(points, points, (ours, theirs) => {
        const { newest } = planPoints(ours, theirs);
        const present = ours.filter((point) => theirs.some((other) => other.id === point.id && same(point, other)));
        expect(newest).toEqual(present.toSorted(bySequence).at(-1) ?? null);
      }),
    );
  });
});

describe("hashPoints", () => {
  it("is the same for the same set in any order, and another for any other set", () => {
    fc.assert(
      fc.property(points, points, (a, b) => {
        const reversed = a.toReversed().map((point) => ({ ...point, images: point.images.toReversed() }));
        expect(hashPoints(reversed)).toBe(hashPoints(a));
        const equal =
          a.length === b.length && a.every((point) => b.some((other) => other.id === point.id && same(point, other)));
        expect(hashPoints(a) === hashPoints(b)).toBe(equal);
      }),
    );
  });
});
