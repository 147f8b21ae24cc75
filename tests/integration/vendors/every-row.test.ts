import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { createApiToken } from "@/lib/engine/accounts";
import { Role } from "@/lib/engine/accounts/schemas";
import type { DoorName } from "@/lib/engine/doors/schemas";
import { dialects } from "@/lib/vendors";
import type { AnyVendorRow } from "@/lib/vendors/row";
import { VendorCore } from "../../support/vendor-core";

let core: VendorCore;
const tokens = new Map<Role, string>();
let guesses = 0;
beforeAll(async () => {
  core = await VendorCore.start("Vault");
  for (const role of Role.options) {
    const { id, email } = await core.peer.db.prisma.account.findUniqueOrThrow({
      where: { email: `${role}@example.com` },
    });
    const ctx = core.peer.ctx({ kind: "account", accountId: id, name: email, role });
    tokens.set(role, (await createApiToken(ctx, { name: "rows", expiresInDays: 1 })).token);
  }
});

/** An API token stands for a sign-in at every door, in the place where its clients put theirs. */
function credential(door: DoorName, role: Role): Record<string, string> {
  const token = tokens.get(role) ?? "";
  const basic = Buffer.from(`${role}@example.com:${token}`).toString("base64");
  switch (door) {
    case "unitrends":
      return { authtoken: token };
    case "powerstore":
      return { authorization: `Basic ${basic}` };
    case "cbr":
      return { "x-auth-token": token };
    case "veeam":
      return { authorization: `Bearer ${token}` };
    default:
      return door satisfies never;
  }
}

const fill = (row: AnyVendorRow, part: (name: string) => string) =>
  row.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(part(name)));
const rows = dialects.flatMap(({ door, rows: all }) =>
  all.map((row) => [`${door}: ${row.method} ${row.path}`, door, row] as const),
);
const guarded = rows.filter(([, , { roles }]) => roles !== "anyone");
const withBody = rows.filter(([, , { method }]) => method !== "GET");
const withParts = rows.filter(([, , { path }]) => path.includes("{"));

describe("the table of every door", () => {
  it("names each row and each address once", () => {
    for (const { door, rows: all } of dialects) {
      const names = all.map(({ name }) => name);
      const addresses = all.map(({ method, path }) => `${method} ${path.replaceAll(/\{\w+\}/g, "{}").toLowerCase()}`);
      expect([door, new Set(names).size, new Set(addresses).size]).toEqual([door, names.length, addresses.length]);
    }
  });

  it("answers its own addresses at its own door", () => {
    for (const [name, door, row] of rows) {
      const path = fill(row, () => "x");
      expect([name, dialects.find(({ owns }) => owns(path))?.door]).toEqual([name, door]);
    }
  });
});

describe.each(guarded)("%s", (_, door, row) => {
  const path = fill(row, () => randomUUID());

  it("is for nobody without a credential, with a wrong one, or with one that has ended", async () => {
    const ended = `tc_${"x".repeat(43)}`;
    // Nobody's name, and another one each time: guesses at one name would be slowed down.
    const basic = Buffer.from(`guess-${guesses++}@example.com:${ended}`).toString("base64");
    const wrong = {
      authtoken: ended,
      "x-auth-token": ended,
      authorization: door === "powerstore" ? `Basic ${basic}` : `Bearer ${ended}`,
    };
    const rubbish = { authtoken: "\u00ff", "x-auth-token": "'", authorization: "Basic ???", cookie: "auth_cookie=;;" };
    for (const [at, headers] of [{}, wrong, rubbish].entries()) {
      const answer = await core.call(path, {
        method: row.method,
        headers,
        address: `198.51.${guesses >> 8}.${guesses & 255}`,
      });
      expect([at, answer.status]).toEqual([at, 401]);
    }
  });

  it.each(Role.options)("lets the role %s in exactly when the table says so", async (role) => {
    const answer = await core.call(path, { method: row.method, headers: credential(door, role) });
    const refused = (await answer.text()).includes(`The role ${role} may not do this.`);
    expect([answer.status, refused]).toEqual([answer.status, !row.roles.includes(role)]);
    // A client of PowerStore takes 403 for a lost token and signs in again without end.
    if (refused) expect(answer.status).toBe(door === "powerstore" ? 422 : 403);
    else expect([401, 403]).not.toContain(answer.status);
  });
});

describe.each(withBody)("a hostile body for %s", (_, door, row) => {
  it.each([
    ["nothing", ""],
    ["half a document", '{"id":'],
    ["a character that no database keeps", '{"name":"a\\u0000b","username":"a\\u0000b"}'],
    ["a list", "[]"],
    ["null", "null"],
    [
      "numbers, lists and texts in the wrong places",
      '{"name":[],"id":{},"vault":7,"checkpoint":"x","action":null,"username":{},"auth":[]}',
    ],
    ["ten thousand lists deep", "[".repeat(10_000) + "]".repeat(10_000)],
    ["a text without end", JSON.stringify({ name: "n".repeat(500_000), username: "n".repeat(500_000) })],
    ["names of the language", '{"__proto__":{"a":1},"constructor":{"prototype":{}}}'],
    ["bytes that are no UTF-8", "\ufffd\ud800"],
  ])("%s, breaks nothing inside", async (_, body) => {
    core.failures.length = 0;
    const answer = await core.call(
      fill(row, () => randomUUID()),
      {
        method: row.method,
        headers: credential(door, "administrator"),
        body,
      },
    );
    expect([answer.status, core.failures]).toEqual([answer.status, []]);
  });
});

describe.each(withParts)("ids in the address of %s", (_, door, row) => {
  it.each([
    ["of nothing", () => randomUUID()],
    ["that are none", () => "1' or '1'='1"],
    ["with a name of nothing", () => "name:nothing"],
    ["with a zero in them", () => "a\u0000b"],
    ["that are numbers beyond all", () => "99999999999999999999"],
    ["without end", () => "9".repeat(4000)],
  ])("%s find nothing and break nothing", async (_, make) => {
    core.failures.length = 0;
    const answer = await core.call(fill(row, make), { method: row.method, headers: credential(door, "administrator") });
    expect([answer.status, core.failures]).toEqual([answer.status, []]);
    expect(answer.status).not.toBe(201);
  });
});
