import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Meter } from "@/lib/engine/replication/meter";
import { type Counters, Progress } from "@/lib/engine/replication/progress";

const NOTHING: Counters = {
  pointsTotal: 0,
  pointsDone: 0,
  bytesTotal: 0,
  bytesDone: 0,
  wireBytes: 0,
  savedBytes: 0,
  recordsNew: 0,
  recordsKnown: 0,
};

/** Images of records, each known to the target or not, and how many attempts are interrupted where. */
const images = fc.array(
  fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 100 }), known: fc.boolean() }), { maxLength: 12 }),
  {
    minLength: 1,
    maxLength: 5,
  },
);
const cuts = fc.array(fc.nat(60), { maxLength: 4 });

/** Walks through the images until `steps` records were handled; what was sent is known from then on. */
function attempt(
  counters: Counters,
  rest: { bytes: number; known: boolean }[][],
  steps: number,
  look: (now: Counters) => void,
) {
  const progress = new Progress(counters);
  progress.plan(
    rest.length,
    rest.flat().reduce((sum, { bytes }) => sum + bytes, 0),
  );
  look(progress.counters);
  let left = steps;
  while (rest[0]) {
    const image = rest[0];
    progress.beginImage();
    const known = image.filter((record) => record.known);
    progress.known(
      known.reduce((sum, { bytes }) => sum + bytes, 0),
      known.length,
    );
    look(progress.counters);
    for (const record of image.filter((one) => !one.known)) {
      if (left-- <= 0) return { ...progress.counters };
      progress.sent(record.bytes, 1);
      progress.wire(record.bytes);
      record.known = true;
      look(progress.counters);
    }
    progress.endImage(image.reduce((sum, { bytes }) => sum + bytes, 0));
    progress.endPoint();
    rest.shift();
    look(progress.counters);
  }
  progress.complete();
  look(progress.counters);
  return { ...progress.counters };
}

describe("Progress", () => {
  it("never goes backwards and adds up, however often the run is interrupted and taken over", () => {
    fc.assert(
      fc.property(images, cuts, (given, stops) => {
        const all = given.flat();
        const totalBytes = all.reduce((sum, { bytes }) => sum + bytes, 0);
        const unknown = all.filter(({ known }) => !known);
        const rest = given.map((image) => image.map((record) => ({ ...record })));
        let last: Counters = NOTHING;
        const look = (now: Readonly<Counters>) => {
          for (const key of Object.keys(NOTHING) as (keyof Counters)[])
            expect(now[key], key).toBeGreaterThanOrEqual(last[key]);
          expect(now.bytesDone).toBeLessThanOrEqual(now.bytesTotal);
          last = { ...now };
        };
        let counters: Counters = NOTHING;
        for (const stop of [...stops, Number.POSITIVE_INFINITY]) counters = attempt(counters, rest, stop, look);
        expect(counters).toMatchObject({
          pointsTotal: given.length,
          pointsDone: given.length,
          bytesTotal: totalBytes,
          bytesDone: totalBytes,
          recordsNew: unknown.length,
          savedBytes: totalBytes - unknown.reduce((sum, { bytes }) => sum + bytes, 0),
        });
      }),
    );
  });

  it("tells the time that is left from the rate it has", () => {
    const progress = new Progress(NOTHING);
    progress.plan(1, 1000);
    progress.beginImage();
    progress.sent(100, 1);
    progress.tick(1, 0);
    expect(progress.report()).toMatchObject({ rateBytesPerSecond: 100, etaSeconds: 9 });
  });
});

describe("Meter", () => {
  it("names what most of the time is spent on, also while it still lasts", () => {
    let now = 0;
    const meter = new Meter(() => now);
    expect(meter.look()).toBe("nothing");
    const disk = meter.begin("source-disk");
    now += 100;
    expect(meter.look()).toBe("source-disk");
    disk();
    const line = meter.begin("network");
    const cap = meter.begin("rate-cap");
    now += 100;
    expect(meter.look()).toBe("rate-cap");
    cap();
    now += 100;
    expect(meter.look()).toBe("network");
    line();
    const answers = [meter.begin("target"), meter.begin("target")];
    now += 100;
    for (const end of answers) end();
    expect(meter.look()).toBe("target");
    expect(meter.look()).toBe("nothing");
  });
});
