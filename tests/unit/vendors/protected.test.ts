import { describe, expect, it } from "vitest";
import { TwincoreError } from "@/lib/errors";
import { dialects } from "@/lib/vendors";

const call = { request: new Request("https://core.test/"), requestId: "r", address: "", baseUrl: "", path: "/" };

async function told(door: string, error: TwincoreError) {
  const dialect = dialects.find((one) => one.door === door);
  const row = dialect?.rows.find(({ method, roles }) => method !== "GET" && roles !== "anyone") ?? null;
  const answer = dialect?.fail(error, row, call);
  return { status: answer?.status, text: (await answer?.text()) ?? "" };
}

const pending = new TwincoreError("agreement_pending", "It waits for a second person.", { agreementId: "1" });
const stepUp = (detail: string) => new TwincoreError("step_up_required", "Prove once more that it is you.", { detail });

describe.each(["unitrends", "powerstore", "cbr", "veeam"])("the door of %s", (door) => {
  it("says that something waits for a second person as a conflict, in its own shape", async () => {
    const { status, text } = await told(door, pending);
    expect(status).toBe(409);
    expect(text).toContain("It waits for a second person.");
  });

  it("says that a new sign-in would be a proof as forbidden", async () => {
    const { status, text } = await told(door, stepUp("sign-in"));
    expect(status).toBe(403);
    expect(text).toContain("Prove once more that it is you.");
  });
});

it("PowerStore's clients, which sign in for as long as they are told 403, are told so only where that helps", async () => {
  expect((await told("powerstore", stepUp("scope"))).status).toBe(422);
  expect((await told("cbr", stepUp("scope"))).status).toBe(403);
});
