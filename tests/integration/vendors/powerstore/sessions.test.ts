import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { powerstore } from "@/lib/vendors/powerstore";
import { SessionPair } from "../../../support/session-pair";
import { VendorCore } from "../../../support/vendor-core";
import { noise } from "../../replication/records";
import { type Answer, errorOf, StoreClient } from "./client";

const KiB = 1024;
let pair: SessionPair;
/** A client of either system: one calls, the other is called. */
let here: StoreClient;
let there: StoreClient;

beforeEach(async () => {
  pair = await SessionPair.start();
  here = await StoreClient.signIn(await VendorCore.around(pair.caller, [powerstore]), "engineer");
  there = await StoreClient.signIn(await VendorCore.around(pair.callee, [powerstore]), "engineer");
  await pair.capture("caller", noise("one", 200 * KiB));
  await pair.replicate();
});

const act = (client: StoreClient, action: string, body?: unknown) =>
  client.post(`replication_session/${pair.sessionId}/${action}`, body);
const read = async (client: StoreClient) =>
  (
    await client.get(
      `replication_session/${pair.sessionId}?select=id,state,role,failover_test_in_progress,last_sync_timestamp,data_transfer_state`,
    )
  ).body;
const accepted = ({ status, body }: Answer) => expect([status, body]).toEqual([204, null]);
const refused = (answer: Answer, status: 400 | 404 | 422) =>
  expect(errorOf(answer)).toEqual([status, expect.stringMatching(/^0x/), "Error"]);

describe("a replication session", () => {
  it("is the same one on both systems, Source here and Destination there", async () => {
    expect(await read(here)).toMatchObject({
      id: pair.sessionId,
      state: "OK",
      role: "Source",
      last_sync_timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    expect(await read(there)).toMatchObject({ id: pair.sessionId, role: "Destination" });
  });

  it("takes every action for unknown, malformed and unauthorised callers as it should", async () => {
    const reader = await StoreClient.signIn(here.core, "reader");
    const actions = [
      "sync",
      "pause",
      "resume",
      "failover",
      "reprotect",
      "start_failover_test",
      "stop_failover_test",
      "promote",
      "demote",
    ];
    for (const action of actions) {
      refused(await here.post(`replication_session/${randomUUID()}/${action}`), 404);
      refused(await here.post(`replication_session/nothing/${action}`), 404);
      refused(await act(here, action, { flux: 1 }), 400);
      refused(await act(reader, action), 422);
      const path = `/api/rest/replication_session/${pair.sessionId}/${action}`;
      expect((await here.core.call(path, { method: "POST" })).status).toBe(401);
      expect((await here.get(`replication_session/${pair.sessionId}/${action}`)).status).toBe(405);
    }
    expect(await read(here)).toMatchObject({ state: "OK", role: "Source" });
  });

  it("is synchronized from its source only, and is so when that is repeated", async () => {
    const point = await pair.capture("caller", noise("two", 200 * KiB));
    accepted(await act(here, "sync"));
    accepted(await act(here, "sync"));
    await pair.work();
    expect((await pair.points("callee")).at(-1)).toBe(point);
    expect(await read(here)).toMatchObject({ state: "OK" });
    expect(errorOf(await act(there, "sync"))).toEqual([400, "0xE0A0A0010002", "Error"]);
  });

  it.each(["here", "there"] as const)("is paused and resumed from %s, and again", async (side) => {
    const client = side === "here" ? here : there;
    accepted(await act(client, "pause"));
    await pair.settle(2);
    expect(await read(client)).toMatchObject({ state: "Paused" });
    accepted(await act(client, "pause"));
    refused(await act(client, "reprotect"), side === "here" ? 422 : 400);
    accepted(await act(client, "resume"));
    await pair.settle(2);
    expect(await read(here)).toMatchObject({ state: "OK" });
    refused(await act(client, "resume"), 422);
  });

  it("has no role to change, and no side to promote, for it is no metro session", async () => {
    refused(await here.patch(`replication_session/${pair.sessionId}`, { role: "Metro_Preferred" }), 422);
    refused(await here.patch(`replication_session/${pair.sessionId}`, {}), 400);
    refused(await here.patch(`replication_session/${randomUUID()}`, { role: "Source" }), 404);
    refused(await act(here, "promote"), 422);
    refused(await act(here, "demote"), 422);
  });
});

describe("a planned failover", () => {
  it("without a body loses nothing, swaps the roles, and reprotect and another one bring everything back", async () => {
    const last = await pair.capture("caller", noise("two", 200 * KiB));
    accepted(await act(here, "failover"));
    await pair.settle();
    expect([await read(here), await read(there)]).toMatchObject([
      { state: "Failed_Over", role: "Destination" },
      { state: "Failed_Over", role: "Source" },
    ]);
    expect((await pair.points("callee")).at(-1)).toBe(last);
    refused(await act(here, "reprotect"), 400);
    const made = await pair.capture("callee", noise("three", 200 * KiB));
    accepted(await act(there, "reprotect"));
    await pair.settle();
    expect([await read(here), await read(there)]).toMatchObject([
      { state: "OK", role: "Destination" },
      { state: "OK", role: "Source" },
    ]);
    expect((await pair.points("caller")).at(-1)).toBe(made);
    accepted(await act(there, "failover", { is_planned: true, reverse: true }));
    await pair.settle(6);
    expect([await read(here), await read(there)]).toMatchObject([
      { state: "OK", role: "Source" },
      { state: "OK", role: "Destination" },
    ]);
  });

  it("is refused on the destination with 400, in a wrong state with 422, with parameters of the other kind with 400", async () => {
    expect(errorOf(await act(there, "failover", { is_planned: true }))).toEqual([400, "0xE0A0A0010002", "Error"]);
    expect(errorOf(await act(here, "failover", { is_planned: false }))).toEqual([400, "0xE0A0A0010002", "Error"]);
    for (const body of [
      { is_planned: true, force: true },
      { use_test_copy: true },
      { failover_snapshot_id: randomUUID() },
      { is_planned: "true" },
    ])
      refused(await act(here, "failover", body), 400);
    refused(await act(there, "failover", { is_planned: false, reverse: true }), 400);
    refused(await act(there, "failover", { is_planned: false, failover_snapshot_id: randomUUID() }), 404);
    refused(await act(here, "reprotect"), 422);
    accepted(await act(here, "failover", { is_planned: true, reverse: false, force: false }));
    await pair.settle();
    refused(await act(there, "failover", { is_planned: true }), 422);
  });
});

describe("an unplanned failover", () => {
  it("works on the destination while the source is dead, and the source is Destination when it is back", async () => {
    await pair.caller.stopListening();
    await pair.cutLink();
    accepted(await act(there, "failover", { is_planned: false }));
    await pair.work();
    expect(await read(there)).toMatchObject({ state: "Failed_Over", role: "Source" });
    refused(await act(there, "failover", { is_planned: false }), 400);
    accepted(await act(there, "failover", { is_planned: false, force: true }));
    await pair.restoreLink();
    await pair.settle();
    expect(await read(here)).toMatchObject({ state: "Failed_Over", role: "Destination" });
    accepted(await act(there, "reprotect", { discard_changes_after_failover: false }));
    await pair.settle();
    expect([await read(here), await read(there)]).toMatchObject([{ state: "OK" }, { state: "OK" }]);
  });

  it("goes on from the recovery point of choice", async () => {
    const [first = ""] = await pair.points("callee");
    await pair.capture("caller", noise("two", 200 * KiB));
    await pair.replicate();
    await pair.cutLink();
    accepted(await act(there, "failover", { is_planned: false, failover_snapshot_id: first }));
    await pair.work();
    expect(await read(there)).toMatchObject({ state: "Failed_Over", role: "Source" });
    expect(await pair.points("callee")).toContain(first);
  });
});

describe("a failover test", () => {
  it("goes on while data arrives, hinders a failover, and is stopped with or without a snapshot", async () => {
    refused(await act(here, "start_failover_test"), 400);
    refused(await act(there, "stop_failover_test"), 422);
    accepted(await act(there, "start_failover_test"));
    await pair.work();
    expect(await read(there)).toMatchObject({ failover_test_in_progress: true, role: "Destination" });
    refused(await act(there, "start_failover_test"), 422);
    refused(await act(there, "failover", { is_planned: false }), 422);
    const during = await pair.capture("caller", noise("two", 200 * KiB));
    await pair.replicate();
    expect(await pair.points("callee")).toContain(during);
    accepted(await act(there, "stop_failover_test", { create_end_of_test_snapshot: false, force: false }));
    expect(await read(there)).toMatchObject({ failover_test_in_progress: false });
    const [first = ""] = await pair.points("callee");
    accepted(await act(there, "start_failover_test", { snapshot_id: first }));
    await pair.work();
    const kept = await act(there, "stop_failover_test", { create_end_of_test_snapshot: true });
    expect([kept.status, kept.body]).toEqual([200, { snapshot_id: expect.any(String) }]);
    refused(await act(there, "start_failover_test", { snapshot_id: randomUUID() }), 404);
  });

  it("becomes the data that the failover goes on with, when that is asked", async () => {
    accepted(await act(there, "start_failover_test"));
    await pair.work();
    accepted(await act(there, "failover", { is_planned: false, use_test_copy: true }));
    await pair.work();
    expect(await read(there)).toMatchObject({ state: "Failed_Over", role: "Source" });
  });
});

describe("an action with is_async", () => {
  it("answers 202 and a job, also when it is refused", async () => {
    const good = await act(here, "pause?is_async=true");
    const bad = await act(here, "reprotect?is_async=true");
    const jobs = await Promise.all(
      [good, bad].map(({ body }) => here.get(`job/${body.id}?select=state,resource_action,response_status`)),
    );
    expect([good.status, bad.status]).toEqual([202, 202]);
    expect(jobs.map(({ body }) => body)).toEqual([
      { state: "COMPLETED", resource_action: "pause", response_status: 204 },
      { state: "FAILED", resource_action: "reprotect", response_status: 422 },
    ]);
  });
});
