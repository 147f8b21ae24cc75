import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { adminContract } from "@/lib/admin/contract";
import { Role } from "@/lib/engine/accounts/schemas";
import type { DoorName } from "@/lib/engine/doors/schemas";
import { emitEvent } from "@/lib/engine/events/emit";
import type { Reach, Row } from "@/lib/http/row";
import { dispatch } from "@/lib/peer/dispatch";
import { identify } from "@/lib/peer/identity";
import { PEER_PREFIX } from "@/lib/peer/operation";
import { operations } from "@/lib/peer/operations";
import { dialects } from "@/lib/vendors";
import type { AnyVendorRow } from "@/lib/vendors/row";
import {
  apiTokenHeaders,
  fillPath,
  inParallel,
  type Person,
  RightsCore,
  type Shown,
  TENANCIES,
  type Tenancy,
} from "./rights-core";
import { sampleOf } from "./sample";

/** The tables are long, and the machine may be busy. */
const PATIENCE_MS = 600_000;
vi.setConfig({ testTimeout: PATIENCE_MS });

// Every row of every table × role × tenants × what is shown. What is expected is read off the row itself.

/** Half a document: whoever is let in with it is told so before anything is changed. */
const HALF = '{"half":';

type Refusal = "unauthenticated" | "role" | "scope" | "reach" | null;

interface Rule {
  readonly roles: readonly Role[] | "anyone";
  readonly reach?: Reach;
}

function expected({ roles, reach = "core" }: Rule, role: Role, tenancy: Tenancy, shown: Shown): Refusal {
  if (roles === "anyone") return null;
  if (shown === "nothing" || shown === "peer certificate") return "unauthenticated";
  if (!roles.includes(role)) return "role";
  if (shown === "without scope") return "scope";
  return tenancy !== "whole core" && reach === "core" ? "reach" : null;
}

/** Why a door refused, by its words; null: it let the call in, whatever became of it. */
function refusalOf(status: number, text: string): Refusal {
  if (status < 400) return null;
  if (status === 401) return "unauthenticated";
  if (/may not do this\. It takes/.test(text)) return "role";
  if (/which the token was not given out for/.test(text)) return "scope";
  return /about the whole core, and your account is bound/.test(text) ? "reach" : null;
}

let core: RightsCore;
beforeAll(async () => {
  core = await RightsCore.start();
}, 180_000);

const natives = Object.entries(adminContract) as [string, Row][];
const nativeRows = natives.map(([name, row]) => ({ name, row }));
const vendorRows = dialects.flatMap(({ door, rows }) => rows.map((row) => ({ door, row })));
const isRead = (row: { method: string }) => row.method === "GET";
const parts = (row: { path: string }) => [...row.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "");

/** Whatever tells that somebody knows of the other tenant, or of the machine. */
const secretsOf = (tenant: "owner" | "stranger") => [
  `${core[tenant].name}-`,
  ...Object.values(core[tenant].ids),
  "secret-folder",
  "secret-drive",
];
const leaksIn = (text: string, tenant: "owner" | "stranger") => secretsOf(tenant).filter((one) => text.includes(one));

interface Case {
  readonly role: Role;
  readonly tenancy: Tenancy;
  readonly shown: Shown;
}

/**
 * For one row: every role that it lets in, of every tenancy, with `first`; every role with a token and every role that it refuses, of one tenancy
 * after the other as rows go on; a token without the scope, which is looked at before tenants; another core; and nobody.
 */
function cases({ roles }: Rule, first: Shown, at: number): Case[] {
  const admitted = roles === "anyone" ? [] : roles;
  const each = Role.options.flatMap((role, place): Case[] => {
    const tenancy = TENANCIES[(at + place) % TENANCIES.length] ?? "owner";
    const other = TENANCIES[(at + place + 1) % TENANCIES.length] ?? "owner";
    const tried = admitted.includes(role) ? TENANCIES : [other];
    return [{ role, tenancy, shown: "token" }, ...tried.map((one): Case => ({ role, tenancy: one, shown: first }))];
  });
  const [role = "administrator"] = admitted;
  const whole = { role, tenancy: "whole core" } as const;
  return [
    ...each,
    { ...whole, shown: "without scope" },
    { ...whole, shown: "peer certificate" },
    { ...whole, shown: "nothing" },
  ];
}

function nativeHeaders(person: Person, shown: Shown, row: Row): Readonly<Record<string, string>> {
  if (shown === "nothing") return {};
  if (shown === "peer certificate") return core.peerHeaders;
  if (shown === "cookie") return { cookie: person.cookie };
  if (shown === "token") return { authorization: `Bearer ${person.token}` };
  return { authorization: `Bearer ${isRead(row) ? person.writes : person.reads}` };
}

function doorHeaders(
  person: Person,
  shown: Shown,
  door: DoorName,
  row: AnyVendorRow,
): Readonly<Record<string, string>> {
  if (shown === "nothing") return {};
  if (shown === "peer certificate") return core.peerHeaders;
  if (shown === "vendor sign-in") return person.signIns[door];
  if (shown === "token") return apiTokenHeaders(door, person.email, person.token);
  const reads = row.needs === undefined ? isRead(row) : row.needs === "read";
  return apiTokenHeaders(door, person.email, reads ? person.writes : person.reads);
}

/** What is wrong with an answer, in words; null: nothing. */
function wrongOf(row: Rule & { method: string }, { role, tenancy, shown }: Case, status: number, text: string) {
  const refusal = refusalOf(status, text);
  if (refusal !== expected(row, role, tenancy, shown)) return `refused: ${refusal}`;
  if (tenancy === "owner" && leaksIn(text, "stranger").length > 0) return `tells ${leaksIn(text, "stranger")}`;
  if (tenancy === "stranger" && leaksIn(text, "owner").length > 0) return `tells ${leaksIn(text, "owner")}`;
  return null;
}

describe("the native API", () => {
  it("lets in whom the row says, and tells nobody of another tenant", async () => {
    const wrong: unknown[] = [];
    const calls = nativeRows
      .filter(({ row }) => isRead(row) || row.method !== "DELETE" || parts(row).length > 0)
      .flatMap(({ name, row }, at) => cases(row, "cookie", at).map((each) => ({ name, row, each })));
    await inParallel(calls, async ({ name, row, each }) => {
      const headers = nativeHeaders(core.person(each.role, each.tenancy), each.shown, row);
      const body = isRead(row) || row.method === "DELETE" ? undefined : HALF;
      const at = `${fillPath(row.path, () => randomUUID())}${queryOf(row)}`;
      const answer = await core.native(row.method, at, { headers, body });
      const found = wrongOf(row, each, answer.status, await answer.text());
      if (found || answer.status === 500) wrong.push([name, each.role, each.tenancy, each.shown, answer.status, found]);
    });
    expect(wrong).toEqual([]);
  });
});

/** What a list wants to know beside its path. */
function queryOf(row: Row, id: string = randomUUID()): string {
  if (!isRead(row)) return "";
  const sample = Object.entries(Object(sampleOf(row.input, id))).filter(([key]) => !parts(row).includes(key));
  return sample.length > 0 ? `?${new URLSearchParams(sample.map(([key, value]) => [key, String(value)]))}` : "";
}

describe("the APIs of other products", () => {
  it("let in whom the row says, and tell nobody of another tenant", async () => {
    const wrong: unknown[] = [];
    const calls = vendorRows.flatMap(({ door, row }, at) =>
      cases(row, "vendor sign-in", at).map((each) => ({ door, row, each })),
    );
    await inParallel(calls, async ({ door, row, each }) => {
      if (row.roles === "anyone") return;
      const headers = doorHeaders(core.person(each.role, each.tenancy), each.shown, door, row);
      const body = isRead(row) ? undefined : HALF;
      const at = fillPath(row.path, (name) => (name === "project_id" ? projectOf(each.tenancy) : randomUUID()));
      const answer = await core.vendors.call(at, { method: row.method, headers, body });
      const found = wrongOf(row, each, answer.status, await answer.text());
      if (found) wrong.push([door, row.name, each.role, each.tenancy, each.shown, answer.status, found]);
    });
    expect(wrong).toEqual([]);
    expect(core.vendors.failures).toEqual([]);
  });
});

const projectOf = (tenancy: Tenancy) => core[tenancy === "stranger" ? "stranger" : "owner"].tenantId;

describe("the door of other cores", () => {
  it("knows the certificate that no other door takes", async () => {
    const request = new Request(`https://core${PEER_PREFIX}/nothing-here`, { headers: core.peerHeaders });
    expect(await identify(core.peer.ctx(), request)).toMatchObject({
      standing: "paired",
      pairingId: core.owner.ids.pairing,
    });
  });

  it("takes no sign-in, no token, and nobody who is bound to tenants", async () => {
    const wrong: unknown[] = [];
    await inParallel(operations, async (row) => {
      if (row.auth === "anyone") return;
      for (const tenancy of TENANCIES) {
        const { cookie, token } = core.person("administrator", tenancy);
        const shown: Record<string, string>[] = [{ cookie }, { authorization: `Bearer ${token}` }];
        for (const headers of shown) {
          const at = `https://core${PEER_PREFIX}${fillPath(row.path, () => randomUUID())}`;
          const body = isRead(row) || row.method === "DELETE" ? undefined : "{}";
          const request = new Request(at, { method: row.method, headers, body });
          const context = (actor: Parameters<typeof core.peer.ctx>[0]) => core.peer.ctx(actor);
          const { status } = await dispatch(request, { role: "peer", context });
          // How often one may guess is bounded too.
          if (status !== 401 && status !== 429) wrong.push([row.name, tenancy, Object.keys(headers), status]);
        }
      }
    });
    expect(wrong).toEqual([]);
  });
});

/** The same answer, whatever the ids in it. */
const plain = (text: string, id: string) =>
  text
    .replaceAll(id, "ID")
    .replaceAll(id.toUpperCase(), "ID")
    .replaceAll(/"request_?[iI]d":"[^"]*"/g, "")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z?/g, "TIME");

/** One id for every place of one, or one for each. */
type Ids = string | Readonly<Record<string, string>>;
const idAt = (ids: Ids, name: string): string => (typeof ids === "string" ? ids : (ids[name] ?? randomUUID()));

/** With these ids in the path, and with one of them wherever else one is wanted. */
async function askNative(
  row: Row,
  ids: Ids,
  headers: Record<string, string>,
): Promise<{ status: number; text: string }> {
  const id = idAt(ids, parts(row).at(-1) ?? "");
  const sample = Object(sampleOf(row.input, id));
  const body = isRead(row) || row.method === "DELETE" ? undefined : JSON.stringify(sample);
  const at = fillPath(row.path, (name) =>
    typeof ids === "string" || !(name in ids) ? String(sample[name] ?? id) : idAt(ids, name),
  );
  const answer = await core.native(row.method, `${at}${queryOf(row, id)}`, { headers, body });
  return { status: answer.status, text: await answer.text() };
}

/** The ids of one tenant's things by the names that paths give them. */
const namedIds = (tenant: "owner" | "stranger") => {
  const { point = "", image = "", agent = "", pairing = "" } = core[tenant].ids;
  return {
    recoveryPointId: point,
    imageId: image,
    agentId: agent,
    pairingId: pairing,
    tenantId: core[tenant].tenantId,
  };
};

const withIds = nativeRows.filter(
  ({ row }) => row.reach === "tenant" && row.roles !== "anyone" && parts(row).length > 0,
);

describe("what is another tenant's", () => {
  it("answers at every row of the native API as what does not exist", async () => {
    const { token } = core.person("administrator", "stranger");
    const headers = { authorization: `Bearer ${token}` };
    const wrong: unknown[] = [];
    await inParallel(withIds, async ({ name, row }) => {
      const unknown = randomUUID();
      const none = await askNative(row, unknown, headers);
      const pair = await askNative(row, namedIds("owner"), headers);
      if (pair.status !== none.status) wrong.push([name, "by name", none.status, pair.status, pair.text.slice(0, 200)]);
      for (const [kind, id] of Object.entries(core.owner.ids)) {
        const answer = await askNative(row, id, headers);
        const same = answer.status === none.status && plain(answer.text, id) === plain(none.text, unknown);
        if (!same) wrong.push([name, kind, none.status, answer.status, answer.text.slice(0, 200)]);
      }
    });
    expect(wrong).toEqual([]);
  });

  it("answers at every row of other products' APIs as what does not exist", async () => {
    const wrong: unknown[] = [];
    const tenantRows = vendorRows.filter(({ row }) => row.reach === "tenant" && parts(row).length > 0);
    await inParallel(tenantRows, async ({ door, row }) => {
      const headers = core.person("administrator", "stranger").signIns[door];
      const ask = async (id: string, project: string) => {
        const sample = Object(sampleOf(row.input, id));
        const at = fillPath(row.path, (name) => (name === "project_id" ? project : id));
        const body = isRead(row) ? undefined : (sample.body ?? sample);
        const answer = await core.vendors.call(at, { method: row.method, headers, body });
        return [answer.status, plain(plain(await answer.text(), id), project)];
      };
      const none = JSON.stringify(await ask(randomUUID(), core.stranger.tenantId));
      const noProject = JSON.stringify(await ask(randomUUID(), randomUUID()));
      for (const [kind, id] of Object.entries(core.owner.ids)) {
        const answer = JSON.stringify(await ask(id, core.stranger.tenantId));
        if (answer !== none) wrong.push([door, row.name, kind, none.slice(0, 160), answer.slice(0, 160)]);
      }
      const agentId = core.owner.ids.agent ?? "";
      const elsewhere = JSON.stringify(await ask(agentId, core.owner.tenantId));
      if (row.path.includes("{project_id}") && elsewhere !== noProject)
        wrong.push([door, row.name, "project", noProject.slice(0, 160), elsewhere.slice(0, 160)]);
    });
    expect(wrong).toEqual([]);
  });
});

describe("what is its own", () => {
  it("an account that is bound to the tenant reads, wherever one of the whole core does", async () => {
    const silent: string[] = [];
    const broken: unknown[] = [];
    const read: string[] = [];
    /** Does any id of the owner's things lead to something? */
    const finds = async (name: string, row: Row, tenancy: Tenancy) => {
      const headers = { authorization: `Bearer ${core.person("administrator", tenancy).token}` };
      let found = false;
      for (const ids of [...Object.values(core.owner.ids), core.sharedId, namedIds("owner")]) {
        const { status, text } = await askNative(row, ids, headers);
        found ||= status === 200;
        if (status >= 500) broken.push([name, tenancy, status, text.slice(0, 200)]);
        if (tenancy === "owner" && leaksIn(text, "stranger").length > 0) broken.push([name, leaksIn(text, "stranger")]);
      }
      return found;
    };
    const reads = withIds.filter(({ row }) => isRead(row));
    await inParallel(reads, async ({ name, row }) => {
      if (!(await finds(name, row, "whole core"))) return;
      read.push(name);
      if (!(await finds(name, row, "owner"))) silent.push(name);
    });
    expect(broken).toEqual([]);
    expect(silent).toEqual([]);
    expect(read).toEqual(expect.arrayContaining(["getAgent", "getRepository", "getStatement", "getTask", "getTenant"]));
  });

  it("is in its lists, and in those of the whole core; nothing of it is in a stranger's", async () => {
    const seen = new Map<string, boolean[]>();
    for (const { name, row } of nativeRows.filter(({ row }) => isRead(row) && parts(row).length === 0)) {
      if (row.roles === "anyone" || row.reach !== "tenant") continue;
      const tells = async (tenancy: Tenancy) => {
        const headers = { authorization: `Bearer ${core.person("administrator", tenancy).token}` };
        const answer = await core.native("GET", `${row.path}${queryOf(row)}`, { headers });
        expect([name, tenancy, answer.status < 500]).toEqual([name, tenancy, true]);
        return (await answer.text()).includes(`${core.owner.name}-`);
      };
      seen.set(name, [await tells("whole core"), await tells("owner"), await tells("stranger")]);
    }
    const telling = [...seen].filter(([, [whole]]) => whole).map(([name]) => name);
    const lists = [
      "listAgents",
      "listPairings",
      "listSessions",
      "listTasks",
      "listAlerts",
      "listTenants",
      "listPolicies",
    ];
    expect(telling).toEqual(expect.arrayContaining(lists));
    for (const name of telling) expect([name, ...(seen.get(name) ?? [])]).toEqual([name, true, true, false]);
  });
});

describe("what an account does with its own", () => {
  it("never fails inside, whatever the row security refuses", async () => {
    const headers = { authorization: `Bearer ${core.person("administrator", "owner").token}` };
    const broken: unknown[] = [];
    for (const { name, row } of withIds.filter(({ row }) => !isRead(row)))
      for (const [kind, id] of Object.entries(core.owner.ids)) {
        const { status, text } = await askNative(row, id, headers);
        if (status === 500 || /not yours to change/.test(text)) broken.push([name, kind, status, text.slice(0, 200)]);
      }
    expect(broken).toEqual([]);
  });
});

describe("the streams of the native API", () => {
  it("ask for role, scope and tenant as rows do", async () => {
    const { followEvents, receiveCapture, downloadImage } = await import("@/lib/admin/streams");
    const { agent = "", point = "", image = "" } = core.owner.ids;
    const ask = (token: string, method = "GET") =>
      new Request("https://core.example:8443/", { method, headers: { authorization: `Bearer ${token}` } });
    const params = Promise.resolve({ agentId: agent, recoveryPointId: point, imageId: image });
    const [owner, stranger] = [core.person("engineer", "owner"), core.person("engineer", "stranger")];
    const reader = core.person("reader", "owner");
    expect((await followEvents(ask(owner.writes))).status).toBe(403);
    expect((await downloadImage(ask(owner.writes), { params })).status).toBe(403);
    expect((await downloadImage(ask(reader.token), { params })).status).toBe(403);
    expect((await downloadImage(ask(stranger.token), { params })).status).toBe(404);
    expect((await receiveCapture(ask(owner.reads, "PUT"), { params })).status).toBe(403);
    expect((await receiveCapture(ask(stranger.token, "PUT"), { params })).status).toBe(404);
  });

  it("tell an account that is bound to tenants of its own changes and of no others", async () => {
    const { followEvents } = await import("@/lib/admin/streams");
    const { prisma } = core.peer.db;
    const { lastId } = { lastId: String((await prisma.event.findFirst({ orderBy: { id: "desc" } }))?.id ?? 0) };
    await prisma.$transaction(async (tx) => {
      for (const tenant of [core.owner, core.stranger])
        for (const [kind, of] of EVENTS) await emitEvent(tx, kind, tenant.ids[of] ?? "");
    });
    const { token } = core.person("reader", "stranger");
    const headers = { authorization: `Bearer ${token}`, "last-event-id": lastId };
    const answer = await followEvents(new Request("https://core.example:8443/", { headers }));
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (reader && text.split("event: change").length <= EVENTS.length) text += (await reader.read()).value ?? "";
    await reader?.cancel();
    for (const [, of] of EVENTS) expect([of, text.includes(core.stranger.ids[of] ?? "?")]).toEqual([of, true]);
    expect(leaksIn(text, "owner")).toEqual([]);
  });
});

const EVENTS = [
  ["agent", "agent"],
  ["recovery-point", "point"],
  ["session", "session"],
  ["run", "run"],
  ["task", "task"],
  ["pairing", "pairing"],
  ["alert", "alert"],
  ["tenant", "tenant"],
] as const;
