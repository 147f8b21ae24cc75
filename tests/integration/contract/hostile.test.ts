import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { type AnyOperation, PEER_PREFIX } from "@/lib/peer/operation";
import { operations } from "@/lib/peer/operations";
import { parseXml } from "@/lib/peer/xml/parse";
import type { WireClient } from "../../support/wire-client";
import { World } from "./world";

let world: World;
let xml: WireClient;
let json: WireClient;
beforeAll(async () => {
  world = await World.start();
  xml = world.client("xml", "pairedAdministrator");
  json = world.client("json", "pairedAdministrator");
});

/** The row's address with every part filled in by `part`. */
const pathOf = (row: AnyOperation, part: (name: string) => string) =>
  PEER_PREFIX + row.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(part(name)));
const anyPath = (row: AnyOperation) =>
  pathOf(row, (name) =>
    /Count|Number|Size/.test(name) ? "1" : /^(commit|useC|delete)/.test(name) ? "false" : randomUUID(),
  );

const rows = operations.map((row) => [row.name, row] as const);
const withBody = rows.filter(([, row]) => row.body === "json");
const withIds = rows.filter(([, row]) => /\{\w*Id\}/.test(row.path));

describe.each(withBody)("a hostile body for %s", (_, row) => {
  const root = row.inputRoots?.[0] ?? "";
  it.each([
    ["half a document", `<${root}><agentId>`],
    ["a character that is none", `<${root}><displayName>a\u0000b</displayName></${root}>`],
    ["another root", "<somethingElse/>"],
    ["a document type", `<!DOCTYPE ${root} [<!ENTITY x "y">]><${root}>&x;</${root}>`],
    ["an external entity", `<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><${root}>&x;</${root}>`],
    ["five thousand elements deep", "<a>".repeat(5000) + "</a>".repeat(5000)],
    ["bytes that are no UTF-8", Buffer.from([0x3c, 0x61, 0xff, 0xfe, 0x3e])],
  ])("%s, is refused in XML", async (_, body) => {
    const answer = await xml.send(row.method, anyPath(row), body, { "content-type": "application/xml" });
    expect(answer.status, answer.bytes.toString()).toBe(400);
    expect(parseXml(answer.bytes.toString())).toMatchObject({ name: "failureReason" });
    expect(answer.reason).not.toBe("Bad Request");
  });

  it.each([
    ["half a document", '{"agentId":'],
    ["a character that no database keeps", '{"displayName":"a\\u0000b"}'],
    ["a list", "[]"],
    ["a number", "7"],
    [
      "numbers, lists and texts in the wrong places",
      '{"agentId":7,"agents":"x","job":[],"masterCoreInfo":null,"fileSize":-1}',
    ],
    ["ten thousand lists deep", "[".repeat(10_000) + "]".repeat(10_000)],
  ])("%s, is refused in JSON or finds nothing, and breaks nothing", async (_, body) => {
    const answer = await json.send(row.method, anyPath(row), body);
    // What is wrong may be passed over where it is no member of this row; then its ids are nobody's.
    expect([400, 401, 404, 409, 200], answer.bytes.toString()).toContain(answer.status);
    if (answer.status === 200) expect(body).toContain("agentId");
  });

  it("more than it takes, is refused before it is read", async () => {
    const bytesMax = (row.bytesMax ?? 1024 * 1024) + 1;
    const answer = await json.send(row.method, anyPath(row), Buffer.alloc(bytesMax, " "));
    expect(answer.status).toBe(413);
  });
});

describe.each(withIds)("ids in the address of %s", (_, row) => {
  it.each([
    ["of nothing", () => randomUUID()],
    ["that are none", () => "1' or '1'='1"],
    ["that lead elsewhere", () => "..%2f.."],
    ["with a zero in them", () => "a\u0000b"],
    ["without end", () => "9".repeat(4000)],
  ])("%s find nothing and break nothing", async (_, make) => {
    const path = pathOf(row, (name) => (/Id$/.test(name) ? make() : "1"));
    const body = row.body === "json" ? "{}" : row.body === "stream" ? Buffer.alloc(0) : undefined;
    const answer = await json.send(row.method, path, body);
    expect([400, 404, 405, 409, 422], `${row.method} ${path}: ${answer.status} ${answer.bytes}`).toContain(
      answer.status,
    );
  });
});
