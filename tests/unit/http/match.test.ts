import { describe, expect, it } from "vitest";
import { matcher } from "@/lib/http/match";

const rows = [
  { method: "POST", path: "/slave/agents/{agentId}" },
  { method: "POST", path: "/slave/agents/demand" },
  { method: "GET", path: "/slave/agents/{agentId}/rps" },
  { method: "GET", path: "/slave/{agentId}/{jobId}/{sessionId}" },
  { method: "DELETE", path: "/slave/agents/{agentId}" },
];
const match = matcher(rows, { ignoreCase: true });
const find = (method: string, path: string) => match(method, path.split("/"));

describe("matching a request to its row", () => {
  it("a literal segment wins over a parameter, whatever the order of the rows", () => {
    expect(find("POST", "/slave/agents/demand")).toMatchObject({ kind: "found", row: rows[1] });
    expect(find("GET", "/slave/agents/a1/rps")).toMatchObject({
      kind: "found",
      row: rows[2],
      params: { agentId: "a1" },
    });
  });

  it("trailing slashes and the letter case of literals do not matter; parameters keep theirs", () => {
    expect(find("POST", "/SLAVE/Agents/AbC//")).toMatchObject({ kind: "found", params: { agentId: "AbC" } });
  });

  it("a wrong method names the right ones", () => {
    expect(find("PUT", "/slave/agents/a1")).toEqual({ kind: "wrong-method", allow: ["POST", "DELETE"] });
  });

  it("an unknown path matches nothing", () => {
    expect(find("GET", "/slave")).toEqual({ kind: "none" });
    expect(find("GET", "/slave/a/b/c/d/e")).toEqual({ kind: "none" });
  });
});
