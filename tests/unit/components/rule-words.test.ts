import { describe, expect, it } from "vitest";
import { kindInWords, ruleInWords } from "@/components/alerts/rule-words";
import { AlertRule } from "@/lib/engine/alert-rules/schemas";
import { AlertKind } from "@/lib/engine/alerts/schemas";

const channelId = "0198b3a0-0000-7000-8000-000000000001";
const tenantId = "0198b3a0-0000-7000-8000-000000000002";
const names = { channels: new Map([[channelId, "On call"]]), tenants: new Map([[tenantId, "Acme"]]) };
const rule = (more: object = {}) =>
  AlertRule.parse({ id: channelId, name: "r", channelId, createdAt: "2026-11-21T00:00:00Z", ...more });

describe("a rule in words", () => {
  it.each([
    [{}, ["Warnings and worse go to On call, and again when they are over."]],
    [{ minSeverity: "info", tellCleared: false }, ["All alerts go to On call."]],
    [
      {
        minSeverity: "critical",
        kinds: ["diverged"],
        tenantIds: [tenantId],
        quiet: { from: "22:00", to: "06:00", days: [5, 7] },
        timeZone: "UTC",
      },
      [
        "Critical alerts (Diverged) of Acme go to On call, and again when they are over.",
        "Quiet from 22:00 until 06:00 of the next day, Friday, Sunday (UTC): what is still open then is told in one go. Critical alerts do not wait.",
      ],
    ],
  ])("%o", (more, words) => {
    expect(ruleInWords(rule(more), names)).toEqual(words);
  });
});

describe("a kind in words", () => {
  it("is there for every kind, begins large, and keeps RPO", () => {
    expect(kindInWords("rpo-at-risk")).toBe("RPO at risk");
    for (const kind of AlertKind.options) expect(kindInWords(kind)).toMatch(/^[A-Z][A-Za-z ]+$/);
  });
});
