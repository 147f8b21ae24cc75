import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ERROR_STATUS, TwincoreError } from "@/lib/errors";
import { toProblemResponse } from "@/lib/http/problem";

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const answer = async (thrown: unknown) => {
  const response = toProblemResponse(thrown, "r1", silent);
  return { response, problem: (await response.json()) as Record<string, unknown> };
};

describe("an error at the native API's door", () => {
  it.each(Object.entries(ERROR_STATUS))(
    "%s becomes status %i, told in the words of the engine",
    async (code, status) => {
      const { response, problem } = await answer(new TwincoreError(code as keyof typeof ERROR_STATUS, "What to do."));
      expect(response.status).toBe(status);
      expect(problem).toMatchObject({ code, status, title: "What to do.", requestId: "r1" });
    },
  );

  it("that we do not know tells nothing of its text", async () => {
    const { response, problem } = await answer(new Error("password=hunter2 at 10.0.0.7"));
    expect(response.status).toBe(500);
    expect(JSON.stringify(problem)).not.toMatch(/hunter2|10\.0\.0\.7/);
  });

  it("of a shape names the field", async () => {
    const parsed = z.object({ name: z.string() }).safeParse({ name: 1 });
    const { response, problem } = await answer(parsed.error);
    expect(response.status).toBe(400);
    expect(problem.title).toContain("name");
  });

  it("says when to come back, how long a body is, and how to sign in, in the headers meant for it", async () => {
    const busy = await answer(new TwincoreError("too_many_requests", "Later.", { retryAfterSeconds: 30 }));
    expect(busy.response.headers.get("retry-after")).toBe("30");
    const range = await answer(new TwincoreError("bad_range", "None.", { totalBytes: 10 }));
    expect(range.response.headers.get("content-range")).toBe("bytes */10");
    const stranger = await answer(new TwincoreError("unauthenticated", "Sign in."));
    expect(stranger.response.headers.get("www-authenticate")).toMatch(/^Bearer/);
  });
});
