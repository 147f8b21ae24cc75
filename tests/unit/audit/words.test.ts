import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { actionWords, actorWords, subjectHref } from "@/components/audit/words";

describe("an entry in words", () => {
  it("says what was done, what was tried, and which call it was", () => {
    expect(actionWords({ action: "pairing.approve", result: "done" })).toBe("approved a pairing");
    expect(actionWords({ action: "sign-in.create", result: "refused" })).toBe("tried to sign in");
    expect(actionWords({ action: "call.deleteCoreFile", result: "refused" })).toBe("called «Remove a file for good»");
    expect(actionWords({ action: "call.getWhatever", result: "failed" })).toBe("called «getWhatever»");
    expect(actionWords({ action: "thing.do-it", result: "done" })).toBe("thing: do it");
  });

  it("names who it was", () => {
    expect(actorWords({ actor: "account:ann@example.com (cbr)", actorKind: "account" })).toBe("ann@example.com (cbr)");
    expect(actorWords({ actor: "peer:Vault", actorKind: "peer" })).toBe("Core Vault");
    expect(actorWords({ actor: "nobody", actorKind: "nobody" })).toBe("Somebody not signed in");
    expect(actorWords({ actor: "job:sweep", actorKind: "job" })).toBe("This core (sweep)");
  });

  it("leads to the page of what it is about, where there is one", () => {
    const subject = "01a1ffa0-020f-723f-a4e7-924b91666393";
    expect(subjectHref({ action: "agent.update", subject })).toBe(`/agents/${subject}`);
    expect(subjectHref({ action: "agent.deleted", subject })).toBeNull();
    expect(subjectHref({ action: "sign-in.create", subject: "ann@example.com" })).toBeNull();
    expect(subjectHref({ action: "agent.update", subject: "../people" })).toBeNull();
  });
});

it("every action that the engine writes by name has a sentence of its own", () => {
  const engine = path.join(import.meta.dirname, "../../../lib/engine");
  const sources = readdirSync(engine, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const actions = sources.flatMap((file) => {
    const text = readFileSync(path.join(engine, file), "utf8");
    return [...text.matchAll(/writeAudit\([^;"]*?"([a-z-]+\.[a-z-]+)"/g)].map(([, action = ""]) => action);
  });
  expect(actions.length).toBeGreaterThan(80);
  expect([...new Set(actions)].filter((action) => /^[a-z ]+: /.test(actionWords({ action, result: "done" })))).toEqual(
    [],
  );
});
