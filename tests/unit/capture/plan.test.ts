import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FileStat } from "@/lib/engine/capture";
import { type Item, LARGE_BYTES_MIN, Planner, type Unit, unchangedRange } from "@/lib/engine/capture/plan";

const item = (path: string, size: number, offset: number | null = null): Item => ({
  path,
  // The planner asks for these only.
  stat: { size: BigInt(size), isFile: () => true } as FileStat,
  unchanged: offset === null ? null : { offset },
  firstName: null,
});

function plan(items: Item[]): Unit[] {
  const planner = new Planner();
  return [...items.flatMap((one) => planner.push(one)), ...planner.flush()];
}

const itemsOf = (unit: Unit): Item[] => (unit.kind === "run" ? unit.items : [unit.item]);
const names = (unit: Unit): string =>
  itemsOf(unit)
    .map((one) => one.path)
    .join(" ");

describe("units of a capture", () => {
  it("hold every item once, in order; a large file is alone", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.integer({ min: 0, max: 2 * LARGE_BYTES_MIN }))),
        (files) => {
          const items = files.map(([path, size]) => item(path, size));
          const units = plan(items);
          expect(units.flatMap(itemsOf)).toEqual(items);
          for (const unit of units)
            for (const one of itemsOf(unit)) expect(unit.kind === "large").toBe(one.stat.size >= LARGE_BYTES_MIN);
        },
      ),
    );
  });

  it("are about 64 small files, and never more than 1,024", () => {
    const units = plan(Array.from({ length: 64_000 }, (_, i) => item(`folder/${i}`, 100)));
    expect(units.length).toBeGreaterThan(700);
    expect(units.length).toBeLessThan(1400);
    for (const unit of units) expect(itemsOf(unit).length).toBeLessThanOrEqual(1024);
  });

  it("stay as they are beside the one in which a file comes or goes", () => {
    const paths = Array.from({ length: 3000 }, (_, i) => `f${String(i).padStart(5, "0")}`);
    const before = new Set(plan(paths.map((path) => item(path, 10))).map(names));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2999 }), fc.boolean(), (at, comes) => {
        const changed = comes ? [...paths.slice(0, at), `${paths[at]}-`, ...paths.slice(at)] : paths.toSpliced(at, 1);
        const after = plan(changed.map((path) => item(path, 10))).map(names);
        // A border that comes or goes with its file splits or joins two.
        expect(after.filter((unit) => !before.has(unit)).length).toBeLessThanOrEqual(2);
      }),
    );
  });
});

describe("the unchanged range of a run", () => {
  it("is one piece of the payload before, or nothing", () => {
    expect(unchangedRange([item("a", 10, 100), item("b", 0), item("c", 5, 110)])).toEqual({ start: 100, end: 115 });
    expect(unchangedRange([item("a", 10, 100), item("c", 5, 111)])).toBeNull();
    expect(unchangedRange([item("a", 10, 100), item("c", 5)])).toBeNull();
    expect(unchangedRange([item("a", 10, 0), item("c", 5, 10)])).toEqual({ start: 0, end: 15 });
    expect(unchangedRange([item("a", 0)])).toBeNull();
  });
});
