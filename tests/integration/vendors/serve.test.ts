import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { setDoor } from "@/lib/engine/doors";
import { findVendorSignIn, openVendorSignIn } from "@/lib/engine/vendor-sign-ins";
import { jsonBody, queryOf } from "@/lib/vendors/body";
import type { Dialect } from "@/lib/vendors/dialect";
import { operators, vendorRow } from "@/lib/vendors/row";
import { VENDOR_PASSWORD, VendorCore } from "../../support/vendor-core";

const Thing = z.object({ id: z.string(), size: z.number() });

/** The smallest door: what serveVendors itself promises is the same for all of them. */
const dialect: Dialect = {
  door: "veeam",
  owns: (path) => /^\/v5(\/|$)/i.test(path),
  ignoreCase: true,
  rows: [
    vendorRow({
      name: "getThing",
      method: "GET",
      path: "/v5/things/{id}",
      summary: "A thing.",
      roles: operators,
      input: z.object({ id: z.string().max(5), size: z.coerce.number().default(1) }),
      output: Thing,
      status: 200,
      handler: async () => async (ctx, input) => ({ body: { ...input, secret: ctx.actor.kind } }),
    }),
    vendorRow({
      name: "breakThing",
      method: "POST",
      path: "/v5/things/{id}",
      summary: "Fails inside.",
      roles: "anyone",
      input: z.object({ id: z.string() }),
      output: null,
      status: 204,
      bytesMax: 100,
      handler: async () => async () => {
        throw new Error("a secret of the inside");
      },
    }),
  ],
  authenticate: async (system, { request }) => {
    const found = await findVendorSignIn(system, { door: "veeam", token: request.headers.get("x-token") ?? "" });
    return found && { account: found.account, credential: found.credential, signInId: found.id };
  },
  readInput: async (call, row) => ({ ...queryOf(call), ...(row.method === "POST" ? await jsonBody(call, row) : {}) }),
  respond: ({ status, body }) => new Response(body === undefined ? null : JSON.stringify(body), { status }),
  fail: (error, row) => Response.json({ why: error.code, row: row?.name ?? null }, { status: error.status }),
};

let core: VendorCore;
const tokens: Record<string, string> = {};
beforeAll(async () => {
  core = await VendorCore.start("Vault", [dialect]);
  for (const role of ["engineer", "reader"])
    tokens[role] = (
      await openVendorSignIn(core.peer.ctx(), {
        door: "veeam",
        email: `${role}@example.com`,
        password: VENDOR_PASSWORD,
        address: "192.0.2.1",
        lifeSeconds: 3600,
      })
    ).token;
});

const get = (path: string, role = "engineer") => core.call(path, { headers: { "x-token": tokens[role] ?? "" } });

describe("serveVendors", () => {
  it("answers a row in any letter case and with a slash at the end, and tells only what the row promises", async () => {
    for (const path of ["/v5/things/a?size=3", "/V5/Things/a/?size=3"])
      expect(await (await get(path)).json()).toEqual({ id: "a", size: 3 });
  });

  it("refuses who has no credential with 401 and who has not the role with 403, before the input is looked at", async () => {
    const answers = [await get("/v5/things/too-long", "nobody"), await get("/v5/things/too-long", "reader")];
    expect(answers.map(({ status }) => status)).toEqual([401, 403]);
  });

  it("tells a malformed input, an unknown address and a wrong method apart, in the door's own words", async () => {
    const answers = [
      await get("/v5/things/too-long"),
      await get("/v5/other"),
      await core.call("/v5/things/a", { method: "DELETE" }),
      await get("/v5/things/%00"),
      await get("/v5/things/%zz"),
    ];
    expect(await Promise.all(answers.map(async (answer) => [answer.status, await answer.json()]))).toEqual([
      [400, { why: "invalid_input", row: "getThing" }],
      [404, { why: "not_found", row: null }],
      [405, { why: "wrong_method", row: null }],
      [400, { why: "invalid_input", row: null }],
      [400, { why: "invalid_input", row: null }],
    ]);
  });

  it("tells nothing of what failed inside, and bounds what it reads", async () => {
    const inside = await core.call("/v5/things/a", { method: "POST" });
    expect([inside.status, await inside.text()]).toEqual([500, '{"why":"internal","row":"breakThing"}']);
    const large = await core.call("/v5/things/a", { method: "POST", body: "x".repeat(101) });
    expect(large.status).toBe(413);
  });

  it("knows no door for other addresses, and none that is closed, from the next request on", async () => {
    expect((await get("/v6/things/a")).status).toBe(404);
    await setDoor(core.peer.ctx(), { name: "veeam", isOpen: false });
    expect((await get("/v5/things/a")).status).toBe(404);
    await setDoor(core.peer.ctx(), { name: "veeam", isOpen: true });
    expect((await get("/v5/things/a")).status).toBe(200);
  });
});
