import { describe, expect, it } from "vitest";
import { consequence, firstChoices, roomiest, takenOf, tooSmall } from "@/components/pairing/approval-choice";
import type { PairingSummary } from "@/lib/engine/pairing/schemas";
import type { RepositorySummary } from "@/lib/engine/repositories/schemas";

const GIB = 2 ** 30;

const agent = (name: string, gib: number) => ({
  agentId: `id-${name}`,
  name,
  hostName: "",
  sizeBytes: gib * GIB,
  approved: false,
  repository: null,
  quotaBytes: null,
});

const request = { wantedAgents: [agent("web", 100), agent("mail", 1100)] } as unknown as PairingSummary;

const repository = (id: string, freeGib: number, reachable = true) =>
  ({ id, name: id, freeBytes: freeGib * GIB, totalBytes: 9_000 * GIB, reachable }) as unknown as RepositorySummary;

describe("the line above the Approve button", () => {
  it("counts what is taken and how large it is", () => {
    expect(consequence(request.wantedAgents, 2, null)).toBe("2 agents, 1.2 TiB. Replication starts at once.");
    expect(consequence(request.wantedAgents.slice(0, 1), 2, null)).toBe(
      "1 of 2 agents, 100 GiB. Replication starts at once.",
    );
  });
  it("says how long it takes at the cap that was chosen", () => {
    expect(consequence(request.wantedAgents.slice(0, 1), 2, 10 * 2 ** 20)).toContain("at least 2 h 50 min");
  });
  it("asks for an agent when none is chosen", () => {
    expect(consequence([], 2, null)).toBe("Choose at least one agent.");
  });
});

describe("the repository that is proposed", () => {
  it("is the one with the most room that can be reached", () => {
    expect(roomiest([repository("small", 10), repository("large", 500), repository("gone", 9_000, false)])).toBe(
      "large",
    );
  });
  it("is any when none can be reached, and none when there is none", () => {
    expect(roomiest([repository("gone", 0, false)])).toBe("gone");
    expect(roomiest([])).toBe("");
  });
});

describe("choices", () => {
  it("begin with every wanted agent taken, without a quota", () => {
    const choices = firstChoices(request, "main");
    expect(takenOf(request, choices)).toHaveLength(2);
    expect(Object.values(choices)).toEqual([
      { taken: true, repositoryId: "main", quotaBytes: null },
      { taken: true, repositoryId: "main", quotaBytes: null },
    ]);
  });
  it("warn of a repository with less room than what is taken into it, and of no other", () => {
    const main = repository("main", 1_000);
    const other = repository("other", 50);
    const choices = firstChoices(request, "main");
    expect(tooSmall(request, choices, [main, other]).map((one) => one.repository.id)).toEqual(["main"]);
    const without = { ...choices, "id-mail": { taken: false, repositoryId: "main", quotaBytes: null } };
    expect(tooSmall(request, without, [main, other])).toEqual([]);
  });
});
