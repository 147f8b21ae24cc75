import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import type { TargetCore } from "@/lib/engine/replication";
import { failOverSession, receiveWord } from "@/lib/engine/sessions";
import { SessionWord } from "@/lib/engine/sessions/peer-schemas";
import { TwincoreError } from "@/lib/errors";
import { SessionPair } from "../../support/session-pair";
import { inProcessTarget } from "../replication/in-process-target";
import { noise } from "../replication/records";
import { around } from "../replication/two-cores";

let pair: SessionPair;
/** Calls until one fails, and whether it arrives before that; null: none fails. */
let fault: { after: number; arrives: boolean } | null = null;
const asCaller = (pairingId = pair.pairingIds.callee) => pair.callee.ctx({ kind: "peer", pairingId, name: "Harbour" });

beforeAll(async () => {
  pair = await SessionPair.start();
  pair.connect = async (_id, hooks) => faulty(inProcessTarget(asCaller(), hooks));
  await pair.capture("caller", noise("one", 3_000));
  await pair.replicate();
});

function faulty(target: TargetCore): TargetCore {
  return around(target, async (_name, call) => {
    if (!fault || fault.after-- > 0) return call();
    const { arrives } = fault;
    fault = null;
    if (arrives) await call();
    throw new TwincoreError("unavailable", "The connection broke.");
  });
}

const current = async (): Promise<("caller" | "callee")[]> => {
  const cores: ("caller" | "callee")[] = [];
  for (const name of ["caller", "callee"] as const)
    if ((await pair.agent(name)).leadPairingId === null) cores.push(name);
  return cores;
};

describe("a planned failover whose calls break", () => {
  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    "at call %i, before or after it arrived: at no moment two cores are current, in the end one is, and nothing is lost",
    async (after) => {
      for (const arrives of [false, true]) {
        const [from] = await current();
        if (!from) throw new Error("no core is current");
        const to = from === "caller" ? "callee" : "caller";
        const point = await pair.capture(from, noise(`${after} ${arrives}`, 3_000));
        await failOverSession(pair.core(from).ctx(), { id: pair.sessionId, reverse: true });
        fault = { after, arrives };
        for (let minute = 0; minute < 8; minute++) {
          await pair.settle(1);
          expect((await current()).length).toBeLessThanOrEqual(1);
          // What was interrupted waits for people, who ask again.
          const session = await pair.session(from);
          if (session.role === "source" && session.state === "ok")
            await failOverSession(pair.core(from).ctx(), { id: pair.sessionId, reverse: true });
        }
        fault = null;
        await pair.settle(3);
        expect(await current()).toEqual([to]);
        expect(await pair.points(to)).toContain(point);
        expect([(await pair.session("caller")).state, (await pair.session("callee")).state]).toEqual(["ok", "ok"]);
      }
    },
    240_000,
  );
});

describe("a word of a caller", () => {
  const word = (view: object, agentId = pair.agentId) =>
    SessionWord.parse({
      sessionId: pair.sessionId,
      agentId,
      view: { role: "source", state: "ok", epoch: 0, revision: 0, ...view },
    });

  it("is refused when its role does not go with its epoch: nobody becomes current by saying so", async () => {
    const { epoch } = await pair.session("callee");
    const role = (epoch + 1) % 2 === 0 ? "destination" : "source";
    const before = await current();
    await expect(receiveWord(asCaller(), word({ epoch: epoch + 1, role }))).rejects.toMatchObject({
      code: "invalid_input",
    });
    expect(await current()).toEqual(before);
  });

  it("about an agent that is not its own, or that never was, is answered alike", async () => {
    const view = { epoch: 0, role: "source" };
    await expect(receiveWord(asCaller(randomUUID()), word(view))).rejects.toMatchObject({ code: "not_found" });
    await expect(receiveWord(asCaller(), word(view, randomUUID()))).rejects.toMatchObject({ code: "not_found" });
  });

  it("that is old changes nothing here, and hears how it stands", async () => {
    const before = await pair.session("callee");
    const answer = await receiveWord(asCaller(), word({}));
    expect(answer).toMatchObject({ epoch: before.epoch, revision: before.revision, role: before.role });
    expect(await pair.session("callee")).toMatchObject({ epoch: before.epoch, role: before.role, state: before.state });
  });
});
