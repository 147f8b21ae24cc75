import { beforeAll, describe, expect, it } from "vitest";
import { agreeToRequest, getTwoPersonRequest, SwitchableRule } from "@/lib/engine/protection";
import { type CoreAction, PROTECTED_ACTIONS } from "@/lib/engine/protection/actions";
import { TwincoreError } from "@/lib/errors";
import { CASES } from "./cases";
import { ProtectedWorld } from "./world";

let world: ProtectedWorld;
beforeAll(async () => {
  world = await ProtectedWorld.start();
});

const actions = Object.keys(CASES) as CoreAction[];
/** A role that may ask for it at its door. */
const askerOf = (action: CoreAction) =>
  (PROTECTED_ACTIONS[action].askers as readonly string[]).includes("engineer") ? "dora" : "anna";

async function refusalOf(work: Promise<unknown>): Promise<TwincoreError> {
  const thrown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof TwincoreError) return thrown;
  throw new Error(`it was not refused: ${String(thrown)}`);
}

describe.each(actions)("%s", (action) => {
  it("takes a fresh proof: with none, an old one, or a token that was not made for it, nothing happens", async () => {
    await world.requireSecondPerson([]);
    const { act, happened } = await CASES[action](world);
    const asker = askerOf(action);
    const token = { kind: "api-token", id: null, provenAt: null, scopes: ["*:read", "*:write"] } as const;
    for (const ctx of [world.as(asker, null), world.as(asker, 16), world.with(asker, token)]) {
      const refusal = await refusalOf(act(ctx));
      expect({ code: refusal.code, status: refusal.status }).toEqual({ code: "step_up_required", status: 403 });
    }
    expect(await happened()).toBe(false);
    // Loosening takes two people while a rule is on, and here one has to be.
    if (action === "protection.update") return;
    await act(world.with(asker, { ...token, scopes: ["*:write", "protected"] }));
    expect(await happened()).toBe(true);
  });

  it("waits for a second person where that is switched on, and is done once as soon as one agreed", async () => {
    await world.requireSecondPerson([...SwitchableRule.options]);
    const { act, happened } = await CASES[action](world);
    const asker = askerOf(action);
    const refusal = await refusalOf(act(world.as(asker, 14)));
    expect(refusal).toMatchObject({ code: "agreement_pending", status: 409 });
    const id = refusal.options.agreementId ?? "";
    expect((await refusalOf(act(world.as(asker)))).options.agreementId).toBe(id);
    expect(await happened()).toBe(false);
    expect((await refusalOf(agreeToRequest(world.as(asker), { id }))).code).toBe("forbidden");
    expect((await refusalOf(agreeToRequest(world.as("emil"), { id }))).code).toBe("not_found");
    expect((await refusalOf(agreeToRequest(world.as("berta", 20), { id }))).code).toBe("step_up_required");
    expect(await happened()).toBe(false);

    await agreeToRequest(world.as("berta"), { id });
    await world.core.runJobs("do-agreed-request");
    expect(await getTwoPersonRequest(world.as(asker), { id })).toMatchObject({
      state: "done",
      message: "",
      decidedBy: "berta@example.com",
      isMine: true,
    });
    expect(await happened()).toBe(true);
    expect(await world.prisma.alert.count({ where: { subjectId: id, clearedAt: null } })).toBe(0);
    const trail = await world.prisma.auditEntry.findMany({
      where: { OR: [{ subject: id }, { requestId: id }] },
      orderBy: { id: "asc" },
    });
    expect(trail.map((entry) => entry.action)).toEqual(
      expect.arrayContaining(["two-person.ask", "two-person.agree", "two-person.do"]),
    );
    expect(trail.filter((entry) => entry.requestId === id).some((entry) => entry.actorKind === "account")).toBe(true);
  });
});
