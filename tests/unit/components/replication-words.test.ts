import { describe, expect, it } from "vitest";
import { windowInWords } from "@/components/replication-settings/words";

const window = (days: number[], percentage = 25, start = "08:00", end = "18:00") => ({ days, percentage, start, end });

describe("a throttle window in words", () => {
  it("names days in a row by the first and the last, from Monday on", () => {
    expect(windowInWords(window([5, 4, 3, 2, 1]))).toBe("Mon–Fri 08:00–18:00: 25 %");
    expect(windowInWords(window([0, 6]))).toBe("Sat, Sun 08:00–18:00: 25 %");
    expect(windowInWords(window([0, 6, 5]))).toBe("Fri–Sun 08:00–18:00: 25 %");
    expect(windowInWords(window([1, 3, 5]))).toBe("Mon, Wed, Fri 08:00–18:00: 25 %");
    expect(windowInWords(window([0, 1, 2, 3, 4, 5, 6]))).toBe("Every day 08:00–18:00: 25 %");
    expect(windowInWords(window([3]))).toBe("Wed 08:00–18:00: 25 %");
  });

  it("says when nothing is sent, and when it lasts all day", () => {
    expect(windowInWords(window([6], 0, "00:00", "00:00"))).toBe("Sat all day: nothing is sent");
  });
});
