import { describe, expect, it } from "vitest";
import { jobs } from "@/lib/jobs";
import type { JobName } from "@/lib/jobs/define";

const names = Object.keys(jobs) as JobName[];

describe.each(names)("the job %s", (name) => {
  const row = jobs[name];

  it("has a handler that loads", async () => {
    expect(typeof (await row.handler())).toBe("function");
  });

  it("has bounds that the queue takes", () => {
    expect(row.concurrency).toBeGreaterThan(0);
    expect(row.retriesMax).toBeGreaterThanOrEqual(0);
    expect(row.expireSeconds).toBeGreaterThan(0);
    expect(row.expireSeconds).toBeLessThanOrEqual(24 * 3600);
  });

  it("takes nothing at all, as one that runs by the clock must, or refuses a wrong payload", () => {
    const takesNothing = row.payload.safeParse({}).success;
    if (row.cron) expect(takesNothing).toBe(true);
    if (takesNothing) expect(row.payload.parse({ sessionId: "no id" })).toEqual({});
    else expect(row.payload.safeParse({ sessionId: "no id" }).success).toBe(false);
  });
});
