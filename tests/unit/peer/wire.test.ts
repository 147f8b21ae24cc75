import { describe, expect, it } from "vitest";
import { z } from "zod";
import { matcher } from "@/lib/http/match";
import { type AnyOperation, operation } from "@/lib/peer/operation";
import { operations } from "@/lib/peer/operations";
import { toWire } from "@/lib/peer/wire";

const handler = () => Promise.reject(new Error("not loaded here"));
const common = { auth: "anyone", summary: "", output: null, answer: "none", handler } as const;

describe("an input on the wire", () => {
  const input = z.object({ id: z.string(), commit: z.string().optional(), note: z.string().optional() });
  const row = operation({
    ...common,
    name: "Row",
    method: "POST",
    path: "/a/{id}/b?commit={commit}",
    input,
    body: "json",
  });

  it("goes to the path, the declared query and the JSON body, and what is absent goes nowhere", () => {
    expect(toWire(row, { id: "x", commit: "true", note: "n" }, "/base")).toEqual({
      method: "POST",
      path: "/base/a/x/b?commit=true",
      json: '{"note":"n"}',
    });
    expect(toWire(row, { id: "x", commit: undefined }, "")).toEqual({ method: "POST", path: "/a/x/b", json: "{}" });
  });

  it("goes to the query as a whole when the body is a stream or there is none", () => {
    const streamed: AnyOperation = { ...row, path: "/a/{id}", body: "stream" };
    expect(toWire(streamed, { id: "x", start: 5, last: false }, "")).toEqual({
      method: "POST",
      path: "/a/x?start=5&last=false",
      json: null,
    });
  });

  it("cannot leave its place in the path", () => {
    expect(toWire(row, { id: "../..?x=#" }, "").path).toBe("/a/..%2F..%3Fx%3D%23/b");
  });

  it("that is no text is a mistake in the row, and said so", () => {
    expect(() => toWire(row, { id: {} }, "")).toThrowError(/Row cannot carry "id"/);
    expect(() => toWire(row, {}, "")).toThrowError(/Row cannot carry "id"/);
  });
});

describe("the contract's routing hazards", () => {
  const paths = [
    "POST /slave/agents/demand",
    "DELETE /slave/agents/{agentId}",
    "GET /slave/agents/{agentId}/rps",
    "PUT /slave/agents/{agentId}/status",
    "DELETE /slave/{agentId}/{jobId}/{sessionId}?commit={commit}",
    "POST /slave/{agentId}/{jobId}/{sessionId}/records/keys",
    "POST /slave/sessions/new",
    "POST /slave/sessions/{sessionId}/data/{size}",
    "POST /slave/newsession/",
    "GET /slave/validate/?useCredentials={useCredentials}",
  ];
  const rows = paths.map((text) => {
    const [method = "", path = ""] = text.split(" ");
    return { method, path };
  });
  const match = matcher(rows, { ignoreCase: true });
  const find = (text: string) => {
    const [method = "", path = ""] = text.split(" ");
    const found = match(method, path.split("/"));
    return found.kind === "found" ? found.row.path : found.kind;
  };

  it.each([
    ["POST /slave/agents/demand", "/slave/agents/demand"],
    ["DELETE /slave/agents/demand", "wrong-method"],
    ["DELETE /slave/agents/1", "/slave/agents/{agentId}"],
    ["GET /slave/agents/1/rps", "/slave/agents/{agentId}/rps"],
    ["DELETE /slave/agents/1/rps", "wrong-method"],
    ["DELETE /slave/1/2/3", "/slave/{agentId}/{jobId}/{sessionId}?commit={commit}"],
    ["POST /slave/1/2/3/records/keys", "/slave/{agentId}/{jobId}/{sessionId}/records/keys"],
    ["POST /slave/Sessions/NEW", "/slave/sessions/new"],
    ["POST /slave/newsession", "/slave/newsession/"],
    ["GET /slave/validate/", "/slave/validate/?useCredentials={useCredentials}"],
    ["GET /slave", "none"],
  ])("%s goes to %s", (request, path) => {
    expect(find(request)).toBe(path);
  });
});

describe("the table as it stands", () => {
  it("declares every part of every path as an input", () => {
    for (const row of operations) {
      const known = Object.keys(row.input.shape ?? {});
      const parts = [...row.path.matchAll(/\{(\w+)\}/g)].map((part) => part[1]);
      if (known.length > 0 || parts.length > 0) expect(known, row.name).toEqual(expect.arrayContaining(parts));
    }
  });

  it("bounds no JSON body above what one request may cost", () => {
    for (const row of operations) expect(row.bytesMax ?? 0, row.name).toBeLessThanOrEqual(16 * 1024 * 1024);
  });
});
